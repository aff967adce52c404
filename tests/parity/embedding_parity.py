#!/usr/bin/env python3
"""Compares sentence embeddings and decisions between hosts: native ONNX Runtime, ONNX Runtime Web,
and the same weights computed in float32 by numpy.

    embedding_parity.py [--native build/native-release/tests/parity/smartsynch_embedding_lines]

400 titles, and 100 tasks with description, are taken at even steps from data/. For each set:
  native against WebAssembly   cosine 0.9999 or more, and the same decision, for every task
  alone against padded batch   cosine 0.99999 or more for every task, on both hosts
  shipped against float32      cosine 0.99999 or more for every task
Exit 0 when all hold, 1 otherwise. Needs the native and the web build, node, and for the last
comparison .cache/reference/tokenizer.json; without that folder it is reported as skipped. Python packages: numpy,
onnx, tokenizers.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ["data/training_data.json", "data/open_set/office_and_organisations.json",
        "data/open_set/private_life.json"]


class Checks:
    """Counts what held and what did not, a line each."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, name, figures, holds):
        self.passed += holds
        self.failed += not holds
        print(f"{'ok    ' if holds else 'FAILED'} {name}: {figures}", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped {name}: {why}", flush=True)


def load_tasks():
    samples = []
    for name in DATA:
        samples += json.loads((ROOT / name).read_text(encoding="utf-8"))["samples"]
    described = [s for s in samples if s.get("description", "").strip()]
    titles = [{"title": s["title"], "description": ""} for s in at_even_steps(samples, 400)]
    tasks = [{"title": s["title"], "description": s["description"]}
             for s in at_even_steps(described, 100)]
    return {"400 titles": titles, "100 tasks with description": tasks}


def at_even_steps(items, count):
    if len(items) < count:
        raise SystemExit(f"data/ has {len(items)} fitting samples, expected {count} or more")
    return [items[i * len(items) // count] for i in range(count)]


def run(command, tasks):
    """What a host prints for the tasks: embeddings alone and batched, and predictions."""
    lines = "".join(json.dumps(task) + "\n" for task in tasks)
    result = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode != 0 or len(rows) != len(tasks):
        raise SystemExit(f"{command[0]}: exit status {result.returncode}, "
                         f"{len(rows)} answers to {len(tasks)} tasks")
    return {"alone": np.array([row["alone"] for row in rows]),
            "batched": np.array([row["batched"] for row in rows]),
            "predictions": [row["prediction"] for row in rows]}


def cosines(a, b):
    return (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def figures(values):
    return f"cosine mean {values.mean():.7f}, minimum {values.min():.7f}"


def decision(prediction):
    suggestions = prediction["suggestions"]
    return (prediction["decision"], prediction["categoryId"],
            suggestions[0]["categoryId"] if suggestions else None)


def compare_hosts(checks, name, native, web):
    found = cosines(native["alone"], web["alone"])
    checks.add(f"native against WebAssembly, {name}", figures(found), found.min() >= 0.9999)
    pairs = list(zip(native["predictions"], web["predictions"], strict=True))
    same = sum(decision(a) == decision(b) for a, b in pairs)
    apart = max(abs(a["confidence"] - b["confidence"]) for a, b in pairs)
    checks.add(f"decisions, {name}", f"{same} of {len(pairs)} the same, "
               f"confidences at most {apart:.1e} apart", same == len(pairs))
    for host, answers in (("native", native), ("WebAssembly", web)):
        found = cosines(answers["alone"], answers["batched"])
        checks.add(f"{host} alone against padded batch, {name}", figures(found),
                   found.min() >= 0.99999)


def compare_with_reference(checks, name, tasks, web, reference):
    title = f"shipped encoder against float32, {name}"
    if isinstance(reference, str):
        checks.skip(title, reference)
        return
    texts = ["\n".join(filter(None, (t["title"].strip(), t["description"].strip()))) for t in tasks]
    found = cosines(web["alone"], reference.embed(texts))
    checks.add(title, figures(found), found.min() >= 0.99999)


def load_reference(graph, tokenizer):
    """The reference, or a sentence saying why there is none."""
    if not tokenizer.is_file():
        return f"{tokenizer} is missing"
    from float32_reference import Reference  # needs packages that only this comparison needs
    return Reference(graph, tokenizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--native", type=pathlib.Path, help="the native program",
                        default=ROOT / "build/native-release/tests/parity/smartsynch_embedding_lines")
    parser.add_argument("--model", type=pathlib.Path,
                        default=ROOT / "models/base_model/model.safetensors")
    parser.add_argument("--encoder", type=pathlib.Path, default=ROOT / "models/base_model",
                        help="folder with encoder.onnx and vocab.txt")
    parser.add_argument("--tokenizer", type=pathlib.Path,
                        default=ROOT / ".cache/reference/tokenizer.json")
    options = parser.parse_args()
    files = [str(p) for p in (options.model, options.encoder / "encoder.onnx",
                              options.encoder / "vocab.txt")]
    reference = load_reference(options.encoder / "encoder.onnx", options.tokenizer)
    checks = Checks()
    for name, tasks in load_tasks().items():
        native = run([str(options.native), *files], tasks)
        web = run(["node", str(ROOT / "tests/parity/embedding_lines.mjs"), *files], tasks)
        compare_hosts(checks, name, native, web)
        compare_with_reference(checks, name, tasks, web, reference)
    print(f"embedding parity: {checks.passed} passed, {checks.failed} failed, "
          f"{checks.skipped} skipped")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
