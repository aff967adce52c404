#!/usr/bin/env python3
"""Puts the benches' results into README.md, each between its two markers.

  tests/bench/readme_table.py [--check]

RESULTS/NAME.json stands between <!-- bench: NAME --> and <!-- end of bench: NAME -->. Made by
tests/bench/browser/bench.mjs --out, tests/bench/native/native_speed.py --out and
tests/bench/learning/report.py --out and so on, it is {machine, date, rows} and, where known, {browser, peer,
load, ratio}: the load average before, and what the ratio is (default "times as fast"). A row is {what, ours, peer, ratio, goal} and perhaps {unit}; what
is null stays empty. What tests/bench/peers/peers.py keeps is {machine, date, methods}, a method on a
set {set, method, accuracy}: a line a method, a column a set, in per cent. A result without markers is left out; markers without a result are an error.

--check writes nothing; exit status 1 when README.md is not what this would make of it.
"""

import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
BLOCK = re.compile(
    r"(<!-- bench: (?P<name>[\w-]+) -->\n).*?(<!-- end of bench: (?P=name) -->)", re.DOTALL
)


class TableError(Exception):
    """A result or a marker that cannot be used; the message says which."""


def table(result):
    """The Markdown of one result."""
    where = [result["date"], result["machine"], result.get("browser", "")]
    if "load" in result:
        where.append(f"load average before it {result['load']:g}")
    lines = [f"Measured {', '.join(part for part in where if part)}."]
    peer = result.get("peer", "peer")
    lines += ["", f"| | SmartSynch | {peer} | {result.get('ratio', 'times as fast')} | goal |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for row in result["rows"]:
        unit = row.get("unit", "")
        cells = [row["what"], value(row["ours"], unit), value(row["peer"], unit)]
        cells += [value(row["ratio"], ""), goal(row["goal"])]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def methods_table(result):
    """The Markdown of methods compared on sets."""
    accuracy = {(row["method"], row["set"]): row["accuracy"] for row in result["methods"]}
    methods = list(dict.fromkeys(method for method, _ in accuracy))
    sets = sorted({name for _, name in accuracy})
    methods.sort(key=lambda method: "SmartSynch" in method)
    lines = [f"Accuracy in per cent, measured {result['date']}.", ""]
    lines += ["| | " + " | ".join(sets) + " |", "| --- |" + " --- |" * len(sets)]
    for method in methods:
        cells = [value(accuracy.get((method, name)), "") for name in sets]
        lines.append("| " + " | ".join([method.replace("|", "\\|"), *cells]) + " |")
    return "\n".join(lines) + "\n"


def value(number, unit):
    if number is None:
        return ""
    text = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:g}"
    return f"{text} {unit}".strip()


def goal(wanted):
    return f"at least {wanted:g}" if isinstance(wanted, (int, float)) else str(wanted or "")


def with_tables(text, results):
    """The text with every block made anew from results/NAME.json."""

    def make(match):
        path = pathlib.Path(results) / f"{match['name']}.json"
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            made = methods_table(result) if "methods" in result else table(result)
        except OSError as error:
            raise TableError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TableError(f"{path}: not a bench's result: {error!r}") from error
        return match[1] + made + match[3]

    return BLOCK.sub(make, text)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--readme", type=pathlib.Path, default=HERE.parents[1] / "README.md")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results")
    options = parser.parse_args(arguments)
    found = options.readme.read_text(encoding="utf-8")
    try:
        made = with_tables(found, options.results)
    except TableError as error:
        print(f"readme_table: {error}", file=sys.stderr)
        return 1
    if options.check:
        if made != found:
            print(f"readme_table: {options.readme} differs from the results", file=sys.stderr)
        return int(made != found)
    if made != found:
        options.readme.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
