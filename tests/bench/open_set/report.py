#!/usr/bin/env python3
"""Compares scores for "none of the categories" and prints a table, or with --json the raw figures.

  D=$SMARTSYNCH_EXTRA_DATA
  tools/smartsynch train --data "$D/clinc150_data_full.json" --split train --out clinc150.safetensors
  cmake --build --preset native-release --target smartsynch_open_set_rows
  .cache/venv/bin/python tests/bench/open_set/report.py --clinc150 clinc150.safetensors

Data sets: CLINC150's test split against its out-of-scope one, by a model that has seen no example
of what is out of scope; and the real titles, by the base model. FPR95 is given both ways: the share
of known rows flagged where 95 % of the unknown ones are (as `evaluate` does), and the share of
unknown rows passed where 95 % of the known ones are. Needs numpy.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy

import scores

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build/native-release/tests/bench/open_set/smartsynch_open_set_rows"


def read_rows(program, model, sources):
    """One dictionary a source: label, embedding, logits and open-set logit of its rows."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "rows.f32")
        environment = dict(os.environ, SMARTSYNCH_HOME=str(ROOT))
        done = subprocess.run([program, model, out, *sources], stdout=subprocess.PIPE,
                              env=environment, check=True)
        header = json.loads(done.stdout)
        start = header["embedding"] + header["token"]
        values = numpy.fromfile(out, "<f4").reshape(-1, start + 2 * header["outputs"])
    files = []
    for file in header["files"]:
        part, values = values[:len(file["labels"])], values[len(file["labels"]):]
        full = part[:, start:start + header["outputs"]]
        files.append({"labels": numpy.array(file["labels"]),
                      "embedding": part[:, :header["embedding"]],
                      "logits": full[:, :-1], "open": full[:, -1]})
    return header, files


def centres(train, labels, per_category):
    """Spherical k-means of each category, as core/src/learn/find_centres.cpp finds them."""
    found = []
    for label in numpy.unique(labels):
        rows = train[labels == label]
        count = min(per_category, len(rows))
        means = rows[numpy.arange(count) * len(rows) // count]
        for _ in range(10):
            nearest = (rows @ means.T).argmax(axis=1)
            sums = numpy.stack([rows[nearest == c].sum(axis=0) for c in range(count)])
            norms = numpy.linalg.norm(sums, axis=1, keepdims=True)
            means = numpy.where(norms > 0, sums / numpy.maximum(norms, 1e-9), means)
        found.append(means)
    return numpy.concatenate(found)


def together(parts, known):
    """Sum of scores, each over its standard deviation on known rows."""
    return sum(part / part[known].std() for part in parts)


def methods(train, labels, rows, known, has_open_set):
    """(name, scores) of every method. `known`: which rows to take standard deviations from."""
    embedding, logits = rows["embedding"], rows["logits"]
    probability = scores.softmax_probability(logits)
    neighbours = scores.neighbours(train, embedding, 5)
    relative = scores.relative_mahalanobis(train, labels, embedding)
    nearest_of_four = scores.neighbours(centres(train, labels, 4), embedding, 1)
    yield "softmax probability", probability
    soft = scores.softmax_probability(logits / 3)
    yield "softmax probability at 3", soft
    yield "highest logit", scores.highest_logit(logits)
    yield "energy", scores.energy(logits)
    yield "5 nearest neighbours", neighbours
    yield "nearest class mean", scores.nearest_mean(train, labels, embedding)
    yield "nearest of 4 centres a class", nearest_of_four
    yield "Mahalanobis", scores.mahalanobis(train, labels, embedding)
    yield "relative Mahalanobis", relative
    yield "probability + 5 neighbours", together((probability, neighbours), known)
    yield "probability + 4 centres", together((probability, nearest_of_four), known)
    yield "probability at 3 + 5 neighbours", together((soft, neighbours), known)
    yield "probability at 3 + 4 centres", together((soft, nearest_of_four), known)
    yield "probability + rel. Mahalanobis", together((probability, relative), known)
    if has_open_set:
        yield "open-set logit (trained)", rows["open"]
        yield "open-set logit + 5 neighbours", together((rows["open"], neighbours), known)


def judge(name, values, known):
    return {"method": name, "auroc": scores.auroc(values[known], values[~known]),
            "fpr95": scores.false_positive_rate_95(-values[~known], -values[known]),
            "fpr95_known_kept": scores.false_positive_rate_95(values[known], values[~known])}


def compare(program, model, train, known_and_unknown, keep=None):
    header, files = read_rows(program, model, [train, *known_and_unknown])
    names = {name: i for i, name in enumerate(header["categories"])}
    labels = numpy.array([names[label] for label in files[0]["labels"]])
    rows = {key: numpy.concatenate([file[key] for file in files[1:]]) for key in files[0]}
    if keep is not None:
        rows = {key: value[keep] for key, value in rows.items()}
    known = numpy.isin(rows["labels"], header["categories"])
    return [judge(name, values, known) for name, values in
            methods(files[0]["embedding"], labels, rows, known, header["has_open_set"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clinc150", help="model trained on CLINC150's training split")
    parser.add_argument("--model", default=str(ROOT / "models/base_model/model.safetensors"))
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    data = os.environ.get("SMARTSYNCH_EXTRA_DATA")
    if not data:
        print("report.py: set SMARTSYNCH_EXTRA_DATA to the folder of public data", file=sys.stderr)
        return 2
    result = {}
    if arguments.clinc150:
        clinc = f"{data}/clinc150_data_full.json"
        result["CLINC150"] = compare(arguments.program, arguments.clinc150, clinc + "#train",
                                     [clinc + "#test", clinc + "#oos_test"])
    own = str(ROOT / "data/training_data.json")
    result["real titles"] = compare(arguments.program, arguments.model, own,
                                    [f"{data}/tasks_real_dev.jsonl"])
    terse = pathlib.Path(data, "tasks_real_dev2.jsonl")
    sure = [json.loads(line)["sure"] for line in terse.read_text().splitlines() if line.strip()]
    result["terse titles"] = compare(arguments.program, arguments.model, own, [str(terse)],
                                     numpy.array(sure))
    if arguments.json:
        print(json.dumps(result, indent=2))
        return 0
    for name, table in result.items():
        print(f"\n{name:33}  AUROC  FPR95  with 95 % of the known kept")
        for row in table:
            print(f"  {row['method']:31}  {row['auroc']:.4f} {row['fpr95']:.4f} "
                  f"{row['fpr95_known_kept']:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
