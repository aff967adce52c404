#!/usr/bin/env python3
"""Requests a second of `smartsynch serve` beside FastAPI + uvicorn + onnxruntime + tokenizers.

  tests/bench/server/report.py [--seconds 10] [--connections 32] [--cores 2] [--json FILE]

Both serve the same encoder on the same machine in turn, each with the same number of cores for its
work; wrk sends the same titles to both. "Uncached": every title once a round through more titles
than any cache was told to keep (the product's is off). Prints a table; --json writes the numbers,
with the goals and whether they were met. Needs wrk, redis-server, the release build with the target
smartsynch_bare_encoder, and peer.lock installed in .cache/server_bench (this script does that).
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("SMARTSYNCH_BUILD") or ROOT / "build" / "native-release")
PROGRAM = BUILD / "tools" / "cli" / "smartsynch"
BARE = BUILD / "tests" / "bench" / "server" / "smartsynch_bare_encoder"
VENV = ROOT / ".cache" / "server_bench" / "venv"
ENVIRONMENT = {**os.environ, "SMARTSYNCH_HOME": str(ROOT)}


def install_peer():
    lock, done = HERE / "peer.lock", VENV / "done"
    if done.exists() and done.read_text() == lock.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    subprocess.run([VENV / "bin" / "pip", "install", "-q", "--disable-pip-version-check",
                    "--only-binary", ":all:", "--require-hashes", "--no-deps", "-r", lock], check=True)
    done.write_text(lock.read_text())


def make_titles(count, seed=7):
    """Titles of the project's own words, all different, of the lengths that titles have."""
    data = json.loads((ROOT / "data" / "training_data.json").read_text(encoding="utf-8"))
    titles = [sample["title"] for sample in data["samples"]]
    words = sorted({word for title in titles for word in re.findall(r"[A-Za-z]{2,}", title)})
    draw = random.Random(seed)
    made = set()
    while len(made) < count:
        length = len(draw.choice(titles).split())
        made.add(" ".join(draw.choice(words) for _ in range(length)))
    return sorted(made)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port, **environment):
    process = subprocess.Popen(command, env={**ENVIRONMENT, **environment},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit(f"did not start: {command[0]}") from None
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def product(port, cores, folder, *more):
    return [PROGRAM, "serve", "--port", str(port), "--threads", str(cores), "--state",
            str(folder), *more]


def peer(port, cores):
    return [VENV / "bin" / "uvicorn", "fastapi_app:app", "--port", str(port), "--workers",
            str(cores), "--no-access-log", "--log-level", "error"]


def load(port, titles, options, tier=""):
    """wrk's figures for POST /v1/predict; a short run before warms both sides up."""
    for seconds in (2, options.seconds):
        done = subprocess.run(
            ["wrk", "-t1", f"-c{options.connections}", f"-d{seconds}s", "--timeout", "30s",
             "-s", str(HERE / "load.lua"), f"http://127.0.0.1:{port}"],
            env={**ENVIRONMENT, "BENCH_TITLES": str(titles), "BENCH_TIER": tier},
            stdout=subprocess.PIPE, check=True, text=True)
    result = json.loads(re.search(r"^RESULT (.*)$", done.stdout, re.M)[1])
    result["per_second"] = result["requests"] / result["seconds"]
    return result


def batch(port, titles, as_lines):
    """Texts a second of one batch request."""
    rows = [json.dumps({"title": title}) for title in titles]
    body = "\n".join(rows) if as_lines else "[" + ",".join(rows) + "]"
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/batch", body.encode(),
        {"Content-Type": "application/x-ndjson" if as_lines else "application/json"})
    start = time.monotonic()
    with urllib.request.urlopen(request, timeout=600) as response:
        answer = response.read()
    seconds = time.monotonic() - start
    count = answer.count(b"\n") if as_lines else len(json.loads(answer))
    if count != len(titles):
        raise SystemExit(f"batch: expected {len(titles)} answers, found {count}")
    return {"texts": count, "seconds": seconds, "per_second": count / seconds}


def batches(port, titles, cores, as_lines):
    """`cores` requests at once, so that a peer of one process a core has work for all of them."""
    from concurrent.futures import ThreadPoolExecutor
    share = len(titles) // cores
    start = time.monotonic()
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(
            lambda i: batch(port, titles[i * share:(i + 1) * share], as_lines), range(cores)))
    seconds = time.monotonic() - start
    texts = sum(part["texts"] for part in parts)
    return {"texts": texts, "seconds": seconds, "per_second": texts / seconds}


def measure(options, folder):
    many, few = folder / "many", folder / "few"
    titles = make_titles(20000)
    many.write_text("\n".join(titles) + "\n", encoding="utf-8")
    few.write_text("\n".join(titles[:500]) + "\n", encoding="utf-8")
    found = {}
    bare = subprocess.run([BARE, many, str(options.cores), "16", str(options.seconds)], check=True,
                          stdout=subprocess.PIPE, env=ENVIRONMENT)
    found["bare encoder"] = {"per_second": json.loads(bare.stdout)["texts_per_second"]}
    port = free_port()
    with running(peer(port, options.cores), port):
        found["FastAPI, uncached"] = load(port, many, options)
        found["FastAPI, batch"] = batches(port, titles[:options.rows], options.cores, False)
    port = free_port()
    with running(product(port, options.cores, folder / "state", "--cache-mib", "0"), port):
        found["SmartSynch, uncached"] = load(port, many, options)
        found["SmartSynch, instant tier"] = load(port, many, options, "instant")
        found["SmartSynch, batch"] = batches(port, titles[:options.rows], options.cores, True)
    redis_port = free_port()
    redis = subprocess.Popen(["redis-server", "--port", str(redis_port), "--save", "", "--dir",
                              str(folder)], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        url = f"redis://127.0.0.1:{redis_port}"
        port = free_port()
        with running(peer(port, options.cores), port, SMARTSYNCH_BENCH_REDIS=url):
            found["FastAPI, cached in Redis"] = load(port, few, options)
        port = free_port()
        command = product(port, options.cores, folder / "state", "--redis", url)
        with running(command, port):
            found["SmartSynch, cached (memory and Redis)"] = load(port, few, options)
    finally:
        redis.terminate()
        redis.wait(60)
    return found


def goals(found):
    rate = {name: row["per_second"] for name, row in found.items()}
    uncached = rate["SmartSynch, uncached"]
    peer_rate = rate["FastAPI, uncached"]
    rows = [
        ("uncached against FastAPI", uncached / peer_rate, 1.5),
        ("uncached against the bare encoder", uncached / rate["bare encoder"], 0.85),
        ("FastAPI's p99 over ours, uncached",
         found["FastAPI, uncached"]["p99_ms"] / found["SmartSynch, uncached"]["p99_ms"], 1.0),
        ("cached against FastAPI with Redis",
         rate["SmartSynch, cached (memory and Redis)"] / rate["FastAPI, cached in Redis"], 5),
        ("instant tier against FastAPI uncached", rate["SmartSynch, instant tier"] / peer_rate, 20),
        ("batch against FastAPI", rate["SmartSynch, batch"] / rate["FastAPI, batch"], 1.3),
    ]
    return [{"goal": name, "found": value, "wanted": wanted, "met": value >= wanted}
            for name, value, wanted in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="of every load (default: 10)")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--rows", type=int, default=8000, help="of the batches (default: 8000)")
    parser.add_argument("--json", help="where to write the numbers")
    options = parser.parse_args()
    install_peer()
    with tempfile.TemporaryDirectory(prefix="smartsynch_bench_") as folder:
        found = measure(options, pathlib.Path(folder))
    checked = goals(found)
    print("| | per second | p50 | p99 | failed |\n| --- | --- | --- | --- | --- |")
    for name, row in found.items():
        latency = " | ".join(f"{row[p]:.1f} ms" if p in row else "" for p in ("p50_ms", "p99_ms"))
        failed = row["not_2xx"] + row["socket_errors"] if "not_2xx" in row else ""
        print(f"| {name} | {row['per_second']:,.0f} | {latency} | {failed} |")
    for row in checked:
        print(f"{'met' if row['met'] else 'missed':7} {row['goal']}: {row['found']:.2f} "
              f"(wanted {row['wanted']})")
    if options.json:
        pathlib.Path(options.json).write_text(
            json.dumps({"cores": options.cores, "connections": options.connections,
                        "seconds": options.seconds, "found": found, "goals": checked}, indent=1))


if __name__ == "__main__":
    main()
