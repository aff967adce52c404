#!/usr/bin/env python3
"""Runs the libFuzzer targets, each for a while, and prints a table of what they did.

  cmake --preset native-fuzz && cmake --build --preset native-fuzz --target smartsynch_fuzz
  tests/fuzz/run.py --seconds 600                     # every target, one after the other
  tests/fuzz/run.py --seconds 60 text wordpiece       # these two

New inputs stay in BUILD/fuzz_work/NAME, where the next run goes on; an input that broke a promise
is in BUILD/fuzz_work/NAME.found/ and makes the exit status 1. Copy it into tests/fuzz/corpus/NAME
with a name that says what it is, once the fault is mended.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TARGETS = ("text", "wordpiece", "spelling", "files", "dataset", "feedback", "http")
MAX_BYTES = {"files": 20000, "feedback": 4000, "http": 4000}


def fuzz(build, name, seconds):
    """What one target did, as a dict."""
    programs = build / "tests/fuzz"
    work = build / "fuzz_work" / name
    found = build / "fuzz_work" / f"{name}.found"
    found.mkdir(parents=True, exist_ok=True)
    subprocess.run([programs / f"fuzz_{name}_replay", "--write-seeds", work], check=True)
    start = time.monotonic()
    run = subprocess.run(
        [
            programs / f"fuzz_{name}",
            work,
            HERE / "corpus" / name,
            f"-max_total_time={seconds}",
            f"-max_len={MAX_BYTES.get(name, 2000)}",
            f"-artifact_prefix={found}/",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    (build / "fuzz_work" / f"{name}.log").write_text(run.stdout, encoding="utf-8")
    return {
        "target": name,
        "seconds": round(time.monotonic() - start),
        **figures(run.stdout),
        "failed": run.returncode != 0,
    }


def figures(log):
    """Executions, edges and inputs kept, from libFuzzer's own lines."""
    covered = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", log)
    counters = re.search(r"Loaded \d+ modules?\s+\((\d+) inline 8-bit counters\)", log)
    edges, _, kept = covered[-1] if covered else (0, 0, 0)
    return {
        "executions": int(executions[1]) if executions else 0,
        "edges": int(edges),
        "all_edges": int(counters[1]) if counters else 0,
        "inputs": int(kept),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build/native-fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--json", action="store_true", help="one JSON object a target")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args()
    for name in options.targets:
        if name not in TARGETS:
            parser.error(f"found the target {name!r}, expected one of {', '.join(TARGETS)}")
    failed = False
    if not options.json:
        print("| target | seconds | executions | edges covered, of all linked | inputs kept |")
        print("| --- | --- | --- | --- | --- |")
    for name in options.targets or TARGETS:
        row = fuzz(options.build.resolve(), name, options.seconds)
        failed = failed or row["failed"]
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        print(
            f"| {name} | {row['seconds']} | {row['executions']:,} | {row['edges']:,} of "
            f"{row['all_edges']:,} | {row['inputs']:,} |",
            flush=True,
        )
        if row["failed"]:
            log = options.build / "fuzz_work" / f"{name}.log"
            print(f"{name}: FAILED; see {log} and {name}.found beside it", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
