#!/usr/bin/env python3
"""Measures what tools/server/SIZING.md says: requests a second of one core, and memory.

  SMARTSYNCH_CLI=PROGRAM tests/server/measure_sizing.py     prints one JSON object

A second of a core is a second of the server's own processor time (user and system), so a busy
machine changes the figures less than a clock would.
"""

import json
import os
import pathlib
import threading
import time
import uuid

from server_case import ROOT, Server

CLIENTS = 8
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024)
    return None


def titles(count):
    """Distinct ones, of the lengths that people type."""
    samples = json.loads((ROOT / "data/training_data.json").read_text(encoding="utf-8"))["samples"]
    return [f"{samples[i % len(samples)]['title']} {i}" for i in range(count)]


def send_all(server, path, bodies, headers=lambda: {}):
    pending = iter(bodies)
    lock = threading.Lock()

    def client():
        connection = server.connect()
        while True:
            with lock:
                body = next(pending, None)
            if body is None:
                return connection.close()
            connection.request("POST", path, json.dumps(body).encode(),
                               {"Content-Type": "application/json", **headers()})
            response = connection.getresponse()
            response.read()
            if response.status not in (200, 201):
                raise RuntimeError(f"{path}: {response.status}")

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(server, name, path, bodies, headers=lambda: {}):
    before, clock = processor_seconds(server.process.pid), time.monotonic()
    send_all(server, path, bodies, headers)
    used = processor_seconds(server.process.pid) - before
    return {name: {"requests": len(bodies), "a_second_of_a_core": round(len(bodies) / used),
                   "processor_s": round(used, 2), "clock_s": round(time.monotonic() - clock, 2)}}


def main():
    figures = {}
    full = [{"title": title} for title in titles(3000)]
    instant = [{**task, "tier": "instant"} for task in full]
    feedback = [{**task, "category": "Design"} for task in full[:1000]]
    server = Server("--threads", "1")
    try:
        send_all(server, "/v1/predict", [{"title": f"warm {i}"} for i in range(50)])
        figures["memory_mib_at_start"] = memory_mib(server.process.pid)
        figures |= measure(server, "full_uncached", "/v1/predict", full)
        figures |= measure(server, "full_cached", "/v1/predict", full * 10)
        figures |= measure(server, "instant", "/v1/predict", instant * 10)
        figures |= measure(server, "feedback_sqlite", "/v1/feedback", feedback,
                           lambda: {"Idempotency-Key": str(uuid.uuid4())})
        figures["memory_mib_after"] = memory_mib(server.process.pid)
    finally:
        server.close()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
