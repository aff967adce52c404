#!/usr/bin/env python3
"""What the base model decides about 1,000 titles of data/, for every host to agree with.

  tests/golden/decisions.py [--program FILE]     writes tests/golden/decisions.jsonl anew

To be run after every training of the base model, and after a change of data/. The first line of the
file names the model; each other one is a task:

  {"id": "0c4a…", "instant": ["auto", "development", 0.931207, 0.012044], "full": […]}

`id` is the first 12 hexadecimal digits of the SHA-256 of title, newline and description; then, for each
tier: kind of decision, id of the best category, confidence, novelty. The titles are spread over all
pairs of category, language and style, the rarer of them with a greater share (by the square root of
their number). The program is asked for one task at a time, as a person would. Standard library only.
"""

import argparse
import collections
import hashlib
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "decisions.jsonl"
PROGRAM = ROOT / "build" / "native-release" / "tools" / "cli" / "smartsynch"
DATA = (
    "data/training_data.json",
    "data/open_set/private_life.json",
    "data/open_set/office_and_organisations.json",
)
COUNT = 1000
TIERS = ("instant", "full")
DIGITS = 6


def task_id(task):
    text = f"{task['title']}\n{task['description']}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def all_tasks():
    """{id: sample} of all of data/."""
    tasks = {}
    for path in DATA:
        for sample in json.loads((ROOT / path).read_text(encoding="utf-8"))["samples"]:
            tasks[task_id(sample)] = sample
    return tasks


def choose(tasks, count=COUNT):
    """Ids: of each cell the first by id, as many as the square root of its size gives it."""
    cells = collections.defaultdict(list)
    for key in sorted(tasks):
        sample = tasks[key]
        cells[sample["category"], sample["language"], sample["style"]].append(key)
    ranked = []
    for keys in cells.values():
        ranked += [((rank + 1) / math.sqrt(len(keys)), key) for rank, key in enumerate(keys)]
    return sorted(key for _, key in sorted(ranked)[:count])


def read(path=GOLDEN):
    """(model version, [(id, {tier: (decision, category id, confidence, novelty)})])."""
    head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return head["model"], [(line["id"], {tier: line[tier] for tier in TIERS}) for line in lines]


def digest(prediction):
    """What is compared of a prediction: [decision, best category's id, confidence, novelty]."""
    best = prediction["suggestions"][0]["categoryId"] if prediction["suggestions"] else None
    return [prediction["decision"], best,
            round(prediction["confidence"], DIGITS), round(prediction["novelty"], DIGITS)]


def predict(command, tasks, tier, **options):
    """Predictions of a command line tool, one task at a time: no answer depends on its neighbours."""
    arguments = [*map(str, command), "predict", "--data", "-", "--json", "--tier", tier]
    lines = [json.dumps({key: task[key] for key in ("title", "description")}) + "\n"
             for task in tasks]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          encoding="utf-8", **options) as process:
        answers = []
        for line in lines:
            process.stdin.write(line)
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with status {process.returncode}")
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--program", default=PROGRAM, help="default: that of the release build")
    options = parser.parse_args()
    tasks = all_tasks()
    ids = choose(tasks)
    answers = {tier: predict([options.program], [tasks[key] for key in ids], tier)
               for tier in TIERS}
    head = {"model": answers["full"][0]["modelVersion"], "tasks": len(ids)}
    rows = [{"id": key, **{tier: digest(answers[tier][i]) for tier in TIERS}}
            for i, key in enumerate(ids)]
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in [head, *rows])
    GOLDEN.write_text(text, encoding="utf-8")
    kinds = collections.Counter(row["full"][0] for row in rows)
    cells = {(t["category"], t["language"], t["style"]) for t in map(tasks.get, ids)}
    print(f"{len(rows)} tasks of {len(cells)} kinds, model {head['model']}, full tier: "
          + ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())), file=sys.stderr)


if __name__ == "__main__":
    main()
