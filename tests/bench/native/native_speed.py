#!/usr/bin/env python3
"""Native speed beside its Python peers, in one run: embedding texts, and training the dense head.

  cmake --build --preset native-release --target smartsynch_bench_native_speed
  tests/bench/native/native_speed.py [--json] [--out tests/bench/results/native.json]

Embedding: CLINC150's 15,000 training texts, all cores; the peer is onnxruntime and tokenizers in
batches of 32 in the given order, padded to the longest, with the same encoder file. Training: a
hidden layer of 128 on their embeddings, one thread; the peer is scikit-learn's MLPClassifier (Adam,
no dropout, its own defaults otherwise) at the same epochs and batch. Ours has dropout 0.2, AdamW and
label smoothing. The two take turns; each speed is the median of the repeats, and the ratio the median
of the ratios of each repeat's two, which what else the machine does disturbs least.

SMARTSYNCH_EXTRA_DATA names the folder with clinc150_data_full.json. scikit-learn is installed from
peers.lock into .cache/bench when it is not there.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
PEERS = ROOT / ".cache/bench/native"
PYTHON = ROOT / ".cache/venv/bin/python"

EMBED = """
import json, sys, time
import numpy, onnxruntime, tokenizers
texts = open(sys.argv[1], encoding="utf-8").read().splitlines()
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[2])
tokenizer.enable_padding(pad_id=0)
tokenizer.enable_truncation(256)
session = onnxruntime.InferenceSession(sys.argv[3])
names = {given.name for given in session.get_inputs()}
def run(texts):
    rows = []
    for start in range(0, len(texts), 32):
        batch = tokenizer.encode_batch(texts[start:start + 32])
        feed = {"input_ids": [e.ids for e in batch],
                "attention_mask": [e.attention_mask for e in batch],
                "token_type_ids": [e.type_ids for e in batch]}
        feed = {k: numpy.array(v, numpy.int64) for k, v in feed.items() if k in names}
        mask = feed["attention_mask"][:, :, None]
        hidden = session.run(None, feed)[0]
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        rows.append(pooled / numpy.linalg.norm(pooled, axis=1, keepdims=True))
    return numpy.concatenate(rows)
run(texts[:256])
start = time.perf_counter()
rows = run(texts)
seconds = time.perf_counter() - start
ours = numpy.fromfile(sys.argv[4], numpy.float32).reshape(rows.shape)
print(json.dumps({"seconds": seconds, "least_cosine": float((rows * ours).sum(1).min())}))
"""

TRAIN = """
import json, sys, time, warnings
import numpy
from sklearn.neural_network import MLPClassifier
warnings.filterwarnings("ignore")
load = lambda rows, labels: (numpy.fromfile(rows, numpy.float32).reshape(-1, 384),
                             numpy.loadtxt(labels, dtype=int))
(x, y), (test, wanted) = load(*sys.argv[1:3]), load(*sys.argv[3:5])
epochs, batch = int(sys.argv[5]), int(sys.argv[6])
peer = MLPClassifier((128,), max_iter=epochs, batch_size=batch, random_state=1, tol=0,
                     n_iter_no_change=epochs + 1)
start = time.perf_counter()
peer.fit(x, y)
seconds = time.perf_counter() - start
print(json.dumps({"epochs": peer.n_iter_, "seconds": seconds,
                  "accuracy": float((peer.predict(test) == wanted).mean())}))
"""


def run(*command, environment=None):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True,
                          env={**os.environ, "SMARTSYNCH_HOME": str(ROOT), **(environment or {})})
    return json.loads(done.stdout)


def install_peers():
    lock = (HERE / "peers.lock").read_text(encoding="utf-8")
    marker = PEERS / "installed.lock"
    if not marker.exists() or marker.read_text(encoding="utf-8") != lock:
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
                        "--upgrade", "--target", PEERS, "-r", HERE / "peers.lock"], check=True,
                       stdout=sys.stderr)
        marker.write_text(lock, encoding="utf-8")


def write_set(folder, name, rows, intents):
    (folder / f"{name}.txt").write_text("".join(text + "\n" for text, _ in rows), encoding="utf-8")
    (folder / f"{name}.labels").write_text(
        "".join(f"{intents.index(label)}\n" for _, label in rows), encoding="utf-8")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return f"{line.split(':')[1].strip()}, {os.cpu_count()} cores"
    return platform.machine()


def measure(program, data, folder, options):
    document = json.loads((data / "clinc150_data_full.json").read_text(encoding="utf-8"))
    intents = sorted({label for _, label in document["train"]})
    files = {}
    for name in ("train", "test"):
        write_set(folder, name, document[name], intents)
        files[name] = (folder / f"{name}.f32", folder / f"{name}.labels")
    run(program, "embed", folder / "test.txt", files["test"][0])
    sets = (*files["train"], *files["test"])

    embed = {"ours": [], "peer": []}
    cosine = 1.0
    for _ in range(options.embedding_repeats):
        ours = run(program, "embed", folder / "train.txt", files["train"][0])
        peer = run(PYTHON, "-c", EMBED, folder / "train.txt",
                   ROOT / ".cache/reference/tokenizer.json",
                   ROOT / "models/base_model/encoder.onnx", files["train"][0])
        embed["ours"].append(ours["texts"] / ours["seconds"])
        embed["peer"].append(ours["texts"] / peer["seconds"])
        cosine = min(cosine, peer["least_cosine"])
    yield row("embedding 15,000 texts, all cores", embed, "texts/s", 1.5,
              least_cosine=round(cosine, 6))

    single = {"PYTHONPATH": str(PEERS), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for batch in (32, 200):
        rate = {"ours": [], "peer": []}
        for _ in range(options.repeats):
            ours = run(program, "train", *sets, options.epochs, batch)
            peer = run(PYTHON, "-c", TRAIN, *sets, options.epochs, batch, environment=single)
            assert ours["epochs"] == peer["epochs"], (ours, peer)
            samples = options.epochs * len(document["train"])
            rate["ours"].append(samples / ours["seconds"])
            rate["peer"].append(samples / peer["seconds"])
        yield row(f"training the head, {options.epochs} epochs, batch {batch}, one thread", rate,
                  "samples/s", 1.5, accuracy=ours["accuracy"], peer_accuracy=peer["accuracy"])


def row(what, figures, unit, goal, **more):
    ours, peer = (statistics.median(figures[name]) for name in ("ours", "peer"))
    ratio = statistics.median(a / b for a, b in zip(figures["ours"], figures["peer"]))
    return {"what": what, "ours": round(ours), "peer": round(peer), "unit": unit,
            "ratio": round(ratio, 2), "goal": goal, **more}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT /
                        "build/native-release/tests/bench/native/smartsynch_bench_native_speed")
    parser.add_argument("--repeats", type=int, default=5, help="of the trainings")
    parser.add_argument("--embedding-repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--out", type=pathlib.Path, help="also write the JSON to this file")
    options = parser.parse_args()
    data = os.environ.get("SMARTSYNCH_EXTRA_DATA")
    if not data:
        print("native_speed.py: set SMARTSYNCH_EXTRA_DATA to the folder with CLINC150",
              file=sys.stderr)
        return 2
    install_peers()
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for line in measure(options.program, pathlib.Path(data), pathlib.Path(folder), options):
            rows.append(line)
            print(f"{line['what']}: {line['ratio']} times", file=sys.stderr)
    result = {"machine": processor(), "date": datetime.date.today().isoformat(), "rows": rows}
    text = json.dumps(result, indent=2) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    if options.json:
        print(text, end="")
    else:
        print("| what | ours | peer | unit | times as fast | goal |\n| --- | --- | --- | --- | --- | --- |")
        for line in rows:
            print(f"| {line['what']} | {line['ours']} | {line['peer']} | {line['unit']} | "
                  f"{line['ratio']} | {line['goal']} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
