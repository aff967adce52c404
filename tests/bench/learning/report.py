#!/usr/bin/env python3
"""Runs the learning benchmark and prints a table, or with --json the raw figures.

  tests/bench/learning/report.py --program build/native-release/tests/bench/learning/smartsynch_learning_bench

SMARTSYNCH_EXTRA_DATA names the folder with clinc150_data_full.json. --out writes what is measured
of the answers, which no load disturbs, for tests/bench/readme_table.py; --page draws the curves in a
page of their own. --result takes the figures of an earlier run's --json. Exit 1 when a promise is
broken.
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

ROOT = pathlib.Path(__file__).resolve().parents[3]


def margin_of(result, name):
    """How much better ours is than a method, over the stream's orders: mean, standard error."""
    margins = [order["personal"] - order[name]
               for order in result["stream"]["cumulative_accuracy_by_order"]]
    return statistics.mean(margins), statistics.stdev(margins) / len(margins) ** 0.5


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
        margin, error = margin_of(result, name)
        yield (f"stream: personal {ours:.4f} minus {name} (standard error {error:.4f})", margin,
               f"> {wanted} by two errors", margin - 2 * error > wanted)
    yield "stream: personal beside the base's categories", stream["personal_beside_base"], "", True
    slowest = result["stream"]["slowest_correction_ms"]
    yield "slowest correction and next answer, ms", slowest, "<= 50", slowest <= 50


def for_readme(result):
    """What readme_table.py takes: shares in per cent, differences in points."""
    new, stream = result["new_category_8_examples"], result["stream"]["cumulative_accuracy"]

    def row(what, share, goal=None, peer=None):
        ours = round(100 * share, 2)
        peer = None if peer is None else round(100 * peer, 2)
        difference = None if peer is None else round(ours - peer, 2)
        return {"what": what, "ours": ours, "peer": peer, "unit": "%", "ratio": difference,
                "goal": goal}

    lost = result["fifty_corrections"]["others_lost"]
    rows = [
        row("a new category beside ten, 8 examples: recall", new["recall"], "at least 80 %"),
        row("the same, instant tier", new["instant_recall"]),
        row("what the ten others lose by it", new["others_lost"], "at most 1 %"),
        row("what nine others lose by 50 corrections into one", lost, "at most 1 %"),
        row("200 examples of one category, 5 of another: recall of the latter",
            result["imbalance_200_to_5"]["rare_recall"], "at least 60 %"),
    ]
    peers = (("nearest_neighbours", "5 nearest neighbours", "above 0"),
             ("nearest_mean", "nearest class mean", "above 0"),
             ("retrained_from_scratch", "regression retrained from scratch", "above -1.5"))
    events, orders = result["stream"]["events"], len(result["stream"]["cumulative_accuracy_by_order"])
    for name, peer, goal in peers:
        error = 100 * margin_of(result, name)[1]
        rows.append(row(f"{events:,} events in {orders} orders, 150 categories: accuracy; {peer} "
                        f"(difference ± {error:.1g})", stream["personal"], goal, stream[name]))
    rows.append(row("the same beside the base model's five", stream["personal_beside_base"]))
    return {"machine": platform.machine(), "date": datetime.date.today().isoformat(),
            "peer": "the other method", "ratio": "difference", "rows": rows}


def page(result):
    """One self-contained page, drawn as `smartsynch report` draws its own."""
    report, plots = ROOT / "tools/report", ROOT / ".cache/plots"
    promises = [[what, f"{value:.4f}", wanted, "" if not wanted else "yes" if kept else "MISSED"]
                for what, value, wanted, kept in rows(result)]
    data = json.dumps({"promises": promises, "stream": result["stream"]}).replace("<", "\\u003c")
    text = (report / "page.html").read_text(encoding="utf-8")
    for mark, path in (("{{UPLOT_STYLE}}", plots / "uPlot.min.css"), ("{{STYLE}}", report / "style.css"),
                       ("{{UPLOT}}", plots / "uPlot.iife.min.js"), ("{{DRAWING}}", report / "drawing.js"),
                       ("{{SCRIPT}}", pathlib.Path(__file__).with_name("curves.js"))):
        text = text.replace(mark, path.read_text(encoding="utf-8"))
    return text.replace("{{TITLE}}", "Learning from corrections").replace("{{DATA}}", data)


def measure(program):
    data = os.environ.get("SMARTSYNCH_EXTRA_DATA")
    if not data:
        raise SystemExit("report.py: set SMARTSYNCH_EXTRA_DATA to the folder with CLINC150")
    environment = dict(os.environ, SMARTSYNCH_HOME=str(ROOT))
    run = subprocess.run([program, data], stdout=subprocess.PIPE, env=environment, check=True)
    return json.loads(run.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = ROOT / "build/native-release/tests/bench/learning/smartsynch_learning_bench"
    parser.add_argument("--program", default=default)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, help="also write the README's table, as JSON")
    parser.add_argument("--page", type=pathlib.Path, help="also draw the curves, as HTML")
    parser.add_argument("--result", type=pathlib.Path, help="do not run, take the figures from here")
    arguments = parser.parse_args()
    if arguments.result:
        result = json.loads(arguments.result.read_text(encoding="utf-8"))
    else:
        result = measure(arguments.program)
    table = list(rows(result))
    if arguments.out:
        arguments.out.write_text(json.dumps(for_readme(result), indent=2) + "\n", encoding="utf-8")
    if arguments.page:
        arguments.page.write_text(page(result), encoding="utf-8")
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        print("| what | measured | wanted | |\n| --- | --- | --- | --- |")
        for what, value, wanted, kept in table:
            print(f"| {what} | {value:.4f} | {wanted} | {'' if kept else 'MISSED'} |")
    return 0 if all(kept for *_, kept in table) else 1


if __name__ == "__main__":
    sys.exit(main())
