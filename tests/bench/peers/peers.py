#!/usr/bin/env python3
"""SmartSynch beside other ways to classify short texts, on the same rows; one table.

  SMARTSYNCH_EXTRA_DATA=FOLDER tests/bench/peers/peers.py [--sets clinc150 banking77] [--json] [--out FILE]

Every method trains on a set's training rows and is measured once on its test rows: accuracy and
macro-F1 in percent. The peers are installed from peers.lock and package-lock.json below .cache/bench
when they are not there; the float32 weights of all-MiniLM-L6-v2 are the group `teacher` of
tools/fetch.py. What fails stays in the table with the reason. A finished figure is printed at once.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
CACHE = ROOT / ".cache/bench/peers"
VENV = ROOT / ".cache/venv"
NODE_PEERS = {"natural Bayes": "natural", "NLP.js": "nlpjs"}


def install(lock, target, command):
    """Runs `command` unless `target` was made from this very lock file."""
    marker = target / "installed.lock"
    text = (HERE / lock).read_text(encoding="utf-8")
    if marker.exists() and marker.read_text(encoding="utf-8") == text:
        return
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr, cwd=target)
    marker.write_text(text, encoding="utf-8")


def install_peers():
    python, node = CACHE / "python", CACHE / "node"
    install("peers.lock", python, [VENV / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps",
                                   "--require-hashes", "--upgrade", "--target", python, "-r",
                                   HERE / "peers.lock"])
    node.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, node / name)
    install("package-lock.json", node, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    subprocess.run([str(ROOT / "tools/fetch.py"), "teacher", "reference"], check=True,
                   stdout=sys.stderr)


def scores(wanted, given):
    """Accuracy, and the mean of F1 over the labels that the test rows have."""
    labels = sorted(set(wanted))
    f1 = []
    for label in labels:
        right = sum(w == g == label for w, g in zip(wanted, given))
        chosen = sum(g == label for g in given)
        f1.append(2 * right / (chosen + wanted.count(label)))
    return {"accuracy": sum(w == g for w, g in zip(wanted, given)) / len(wanted),
            "macro_f1": sum(f1) / len(f1)}


def node_labels(peer, train, test, folder, limit):
    job, answers = folder / "job.json", folder / "answers.json"
    job.write_text(json.dumps({"train": [{"text": r["text"], "label": r["label"]} for r in train],
                               "test": [r["text"] for r in test]}), encoding="utf-8")
    subprocess.run(["node", str(HERE / "node_peers.mjs"), peer, str(job), str(answers)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit,
                   env={**os.environ, "SMARTSYNCH_PEERS": str(CACHE / "node")})
    return json.loads(answers.read_text(encoding="utf-8"))["labels"]


def methods(name, options):
    """[(method, function of (train, test, folder) giving {tier or "": figures})]"""
    import encoders
    import ours
    import python_peers

    def python(peer):
        def run(train, test, folder):
            given = peer([r["text"] for r in train], [r["label"] for r in train],
                         [r["text"] for r in test])
            return {"": scores([r["label"] for r in test], list(given))}
        return run

    def node(peer):
        def run(train, test, folder):
            given = node_labels(peer, train, test, folder, options.node_limit)
            return {"": scores([r["label"] for r in test], given)}
        return run

    found = [(title, python(peer)) for title, peer in python_peers.PEERS.items()]
    found += [(title, node(peer)) for title, peer in NODE_PEERS.items()]

    def own(encoder, *more):
        return lambda train, test, folder: ours.measure(name, train, test, folder, encoder(),
                                                        options.program, more)

    if "/" in name:
        found.append(("SmartSynch's heads on frozen MiniLM", own(encoders.minilm_graph)))
        tuned = options.tuned / f"{name.replace('/', '_')}.onnx" if options.tuned else None
        if tuned and tuned.exists():
            found.append(("SmartSynch's heads on tuned MiniLM (tune.py)", own(lambda: tuned)))
    else:
        found.append(("SmartSynch", own(lambda: None)))
        found.append(("SmartSynch, mean of 5 heads", own(lambda: None, "--members", 5)))
    if options.methods:
        found = [pair for pair in found if any(part in pair[0] for part in options.methods)]
    return found


def measure(options, folder, report):
    import datasets
    for name in options.sets:
        train, test = datasets.load(name, folder)
        for title, run in methods(name, options):
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    results = run(train, test, pathlib.Path(scratch))
                except Exception as error:  # noqa: BLE001: a peer's failure is a result
                    report({"set": name, "method": title, "error": f"{type(error).__name__}: "
                            f"{str(error).splitlines()[0] if str(error) else ''}"[:160]})
                    continue
            for tier, figures in results.items():
                report({"set": name, "method": f"{title}, {tier} tier" if tier else title,
                        **{key: round(100 * value, 2) for key, value in figures.items()}})


def table(sets, rows):
    """One line a method, accuracy / macro-F1 of each set."""
    lines = ["| accuracy / macro-F1, % | " + " | ".join(sets) + " |", "| --- |" + " --- |" * len(sets)]
    for method in dict.fromkeys(row["method"] for row in rows):
        cells = []
        for name in sets:
            row = next((r for r in rows if (r["set"], r["method"]) == (name, method)), None)
            cells.append("" if row is None else row["error"] if "error" in row
                         else f"{row['accuracy']:.1f} / {row['macro_f1']:.1f}")
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", nargs="+", default=["clinc150", "banking77"],
                        help="also: dev, clinc150/5, clinc150/10, banking77/5, banking77/10")
    parser.add_argument("--methods", nargs="+", metavar="PART", help="those whose name has the part")
    parser.add_argument("--tuned", type=pathlib.Path,
                        help="folder of encoders that tune.py wrote, such as banking77_10.onnx")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "tools/smartsynch",
                        help="SmartSynch's command line tool")
    parser.add_argument("--node-limit", type=float, default=1800, help="seconds for a Node.js peer")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--out", type=pathlib.Path, help="also write the JSON to this file; rows that "
                        "it has of other sets and methods stay")
    options = parser.parse_args()
    if not os.environ.get("SMARTSYNCH_EXTRA_DATA"):
        parser.error("set SMARTSYNCH_EXTRA_DATA to the folder with CLINC150 and BANKING77")
    if options.out and "dev" in options.sets:
        parser.error("figures on the development titles are printed, never kept")
    return options


def main():
    options = parse()
    if pathlib.Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(VENV / "bin/python", [str(VENV / "bin/python"), *sys.argv])
    install_peers()
    sys.path.append(str(CACHE / "python"))
    rows = []
    if options.out and options.out.exists():
        rows = json.loads(options.out.read_text(encoding="utf-8"))["methods"]

    def report(row):
        rows[:] = [r for r in rows if (r["set"], r["method"]) != (row["set"], row["method"])] + [row]
        print(json.dumps(row), file=sys.stderr, flush=True)
        if options.out:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(json.dumps(document(), indent=2) + "\n", encoding="utf-8")

    def document():
        return {"machine": platform.machine(), "date": datetime.date.today().isoformat(),
                "methods": rows}

    measure(options, pathlib.Path(os.environ["SMARTSYNCH_EXTRA_DATA"]), report)
    print(json.dumps(document(), indent=2) if options.json
          else table(list(dict.fromkeys(row["set"] for row in rows)), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
