#!/usr/bin/env python3
"""Runs the learning benchmark and prints a table, or with --json the raw figures.

  tests/bench/learning/report.py --program build/native-release/tests/bench/learning/smartsynch_learning_bench

SMARTSYNCH_EXTRA_DATA names the folder with clinc150_data_full.json. Exit 1 when a promise that the
table marks as kept is broken.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def rows(result):
    """(what, value, wanted, kept) of every promise."""
    new = result["new_category_8_examples"]
    fifty = result["fifty_corrections"]
    stream = result["stream"]["cumulative_accuracy"]
    ours = stream["personal"]
    yield "new category, 8 examples: recall", new["recall"], ">= 0.80", new["recall"] >= 0.80
    yield "the same, instant tier", new["instant_recall"], "", True
    yield "the other categories lose", new["others_lost"], "<= 0.01", new["others_lost"] <= 0.01
    lost = fifty["others_lost"]
    yield "50 corrections of one class: the others lose", lost, "<= 0.01", lost <= 0.01
    rare = result["imbalance_200_to_5"]["rare_recall"]
    yield "200 examples to 5: recall of the rare one", rare, ">= 0.60", rare >= 0.60
    yield "undo restores the exact bytes", float(result["undo"]["exact"]), "1", result["undo"]["exact"]
    for name, wanted in (("nearest_neighbours", 0.0), ("nearest_mean", 0.0),
                         ("retrained_from_scratch", -0.015)):
        margin = ours - stream[name]
        yield f"stream: personal {ours:.4f} minus {name}", margin, f"> {wanted}", margin > wanted
    yield "stream: personal beside the base's categories", stream["personal_beside_base"], "", True
    slowest = result["stream"]["slowest_correction_ms"]
    yield "slowest correction and next answer, ms", slowest, "<= 50", slowest <= 50


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = ROOT / "build/native-release/tests/bench/learning/smartsynch_learning_bench"
    parser.add_argument("--program", default=default)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    data = os.environ.get("SMARTSYNCH_EXTRA_DATA")
    if not data:
        print("report.py: set SMARTSYNCH_EXTRA_DATA to the folder with CLINC150", file=sys.stderr)
        return 2
    environment = dict(os.environ, SMARTSYNCH_HOME=str(ROOT))
    run = subprocess.run([arguments.program, data], stdout=subprocess.PIPE, env=environment)
    if run.returncode != 0:
        return 1
    result = json.loads(run.stdout)
    table = list(rows(result))
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        print("| what | measured | wanted | |\n| --- | --- | --- | --- |")
        for what, value, wanted, kept in table:
            print(f"| {what} | {value:.4f} | {wanted} | {'' if kept else 'MISSED'} |")
    return 0 if all(kept for *_, kept in table) else 1


if __name__ == "__main__":
    sys.exit(main())
