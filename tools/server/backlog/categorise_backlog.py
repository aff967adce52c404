#!/usr/bin/env python3
"""Categorises a backlog of tasks, however large, on the cores of this machine or in a map engine.

  tools/server/backlog/categorise_backlog.py --data TASKS.jsonl --out FOLDER [--processes 2]
                                             [--tier instant] [--shard-mib 64] [--program PATH]

TASKS.jsonl holds one JSON object a line ({"title", "description"}; other fields are kept). It is cut
into shards; each is one file FOLDER/part-00000.jsonl with the same objects in the same order and a
"prediction" in each, or an "error" where the line is no task. A shard has its name only once it is
whole, so a run that was interrupted goes on with the shards that are missing. Memory does not grow
with the number of rows.

In Spark the same function maps partitions; the project's folder must be on every worker:

  rdd = spark.sparkContext.textFile("s3://…/tasks/*.jsonl")
  rdd.mapPartitions(categorise_lines).saveAsTextFile("s3://…/categorised")

In Ray: ray_backlog.py beside this file.
"""

import argparse
import collections
import functools
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "native-release" / "tools" / "cli" / "smartsynch"


def categorise_lines(lines, program=PROGRAM, tier="instant"):
    """One line out for each line in, in order, from one `smartsynch predict` with one thread."""
    command = [program, "predict", "--data", "-", "--json", "--strict", "--tier", tier,
               "--threads", "1"]
    process = subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)},
    )
    rows = collections.deque()  # what went in and did not come out yet: as much as pipes hold
    feeder = threading.Thread(target=feed, args=(lines, rows, process.stdin), daemon=True)
    feeder.start()
    for answer in process.stdout:
        yield from without_prediction(rows)
        yield json.dumps({**rows.popleft()[0], "prediction": json.loads(answer)})
    feeder.join()
    if process.wait() != 0:
        raise RuntimeError(f"{program} ended with {process.returncode}")
    yield from without_prediction(rows)
    if rows:
        raise RuntimeError(f"{len(rows)} rows have no prediction")


def feed(lines, rows, stdin):
    try:
        with stdin:
            for line in lines:
                row, problem = read_row(line)
                rows.append((row, problem))
                if problem is None:
                    task = {"title": row["title"], "description": row.get("description") or ""}
                    stdin.write(json.dumps(task).encode() + b"\n")
    except BrokenPipeError:
        pass  # the exit status says why


def read_row(line):
    """The row and what is wrong with it, or None."""
    try:
        row = json.loads(line)
    except ValueError:
        return {"line": line if isinstance(line, str) else line.decode(errors="replace")}, "no JSON"
    if not isinstance(row, dict):
        return {"line": row}, "expected an object"
    if not isinstance(row.get("title"), str):
        return row, "title: expected a string"
    if not isinstance(row.get("description"), (str, type(None))):
        return row, "description: expected a string"
    return row, None


def without_prediction(rows):
    while rows and rows[0][1] is not None:
        row, problem = rows.popleft()
        yield json.dumps({**row, "error": problem})


def shards(path, size):
    """(number, first byte, end) of pieces of about `size` bytes that end with a line."""
    total = path.stat().st_size
    start = number = 0
    with open(path, "rb") as data:
        while start < total:
            data.seek(min(start + size, total))
            data.readline()
            end = min(data.tell(), total)
            yield number, start, end
            start, number = end, number + 1


def lines_between(path, start, end):
    with open(path, "rb") as data:
        data.seek(start)
        while data.tell() < end:
            line = data.readline()
            if line.strip():
                yield line


def categorise_shard(shard, path, out, program, tier):
    """Writes one part; how many rows it has, or None when it was there."""
    number, start, end = shard
    part = out / f"part-{number:05}.jsonl"
    if part.exists():
        return None
    unfinished = part.with_suffix(f".{os.getpid()}.unfinished")
    count = 0
    with open(unfinished, "w", encoding="utf-8") as output:
        for line in categorise_lines(lines_between(path, start, end), program, tier):
            output.write(line + "\n")
            count += 1
        output.flush()
        os.fsync(output.fileno())
    unfinished.rename(part)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--tier", choices=("instant", "full"), default="instant")
    parser.add_argument("--shard-mib", type=float, default=64)
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    work = functools.partial(categorise_shard, path=args.data, out=args.out,
                             program=args.program, tier=args.tier)
    rows = skipped = 0
    with multiprocessing.Pool(args.processes) as pool:
        cut = shards(args.data, max(1, int(args.shard_mib * 2**20)))
        for count in pool.imap_unordered(work, cut):
            rows, skipped = rows + (count or 0), skipped + (count is None)
            print(f"{rows} rows", file=sys.stderr)
    print(json.dumps({"rows": rows, "parts_that_were_there": skipped}))


if __name__ == "__main__":
    main()
