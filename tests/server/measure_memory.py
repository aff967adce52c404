#!/usr/bin/env python3
"""Measures the memory of `serve`: while one streamed batch of a million rows passes through it, and
over ten minutes of mixed requests. Prints one JSON object.

  tests/server/measure_memory.py [--rows 1000000] [--seconds 600] [--check]

Memory is what /proc says of the process: VmRSS, and VmHWM for the peak. --check ends with 1 when the
batch needed more than BATCH_MIB above the start, or when memory grew by more than GROWTH_MIB between
the second fifth of the load and the last: by then the cache is full and every buffer has been made.
"""

import argparse
import http.client
import json
import pathlib
import statistics
import sys
import threading
import time
import uuid

from measure_sizing import memory_mib, titles
from server_case import Server

BATCH_MIB = 48
GROWTH_MIB = 8
CLIENTS = 4
CHUNK_ROWS = 500


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def send_rows(connection, count, some_titles):
    for start in range(0, count, CHUNK_ROWS):
        body = "".join(
            json.dumps({"title": f"{some_titles[i % len(some_titles)]} {i}"}) + "\n"
            for i in range(start, min(start + CHUNK_ROWS, count))).encode()
        connection.sendall(b"%x\r\n%b\r\n" % (len(body), body))
    connection.sendall(b"0\r\n\r\n")


def stream_batch(server, count, tier="instant"):
    """Sends `count` rows and reads while sending; how many answers and errors came back."""
    connection = server.raw(timeout=600)
    connection.sendall(b"POST /v1/batch?tier=%b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
                       % tier.encode())
    sender = threading.Thread(target=send_rows, args=(connection, count, titles(2000)))
    sender.start()
    response = http.client.HTTPResponse(connection)
    response.begin()
    if response.status != 200:
        raise RuntimeError(f"/v1/batch: {response.status} {response.read(500)}")
    answers = errors = 0
    for line in response:
        answers += 1
        errors += line.startswith(b'{"row"')
    sender.join()
    connection.close()
    return answers, errors


def measure_batch(rows):
    # A small cache, so that what is measured is the batch and not what is kept of it.
    server = Server("--tier", "instant", "--cache-mib", "4")
    try:
        stream_batch(server, 2000)
        pid = server.process.pid
        start = memory_mib(pid)
        clock = time.monotonic()
        answers, errors = stream_batch(server, rows)
        seconds = time.monotonic() - clock
        return {"rows": rows, "answers": answers, "errors": errors, "mib_at_start": start,
                "mib_peak": peak_mib(pid), "mib_at_end": memory_mib(pid),
                "rows_a_second": round(rows / seconds), "clock_s": round(seconds, 1)}
    finally:
        server.close()


class Load:
    """Clients that ask for everything a client may, one after another, until `stop`."""

    def __init__(self, server):
        self.server, self.stopping = server, threading.Event()
        self.requests, self.failures = [0] * CLIENTS, []
        self.titles = titles(2000)
        self.threads = [threading.Thread(target=self.run, args=(number,))
                        for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def bodies(self, number):
        i = 0
        while True:
            title = f"{self.titles[i % len(self.titles)]} {number} {i}"
            yield "/v1/predict", {"title": title}
            yield "/v1/predict", {"title": title, "tier": "instant", "user": f"u{i % 100}"}
            yield "/v1/feedback", {"title": title, "category": "Design", "user": f"u{i % 100}"}
            yield "/v1/batch?tier=instant", [{"title": f"{title} {row}"} for row in range(50)]
            i += 1

    def run(self, number):
        connection = self.server.connect()
        for path, body in self.bodies(number):
            if self.stopping.is_set():
                break
            headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
            connection.request("POST", path, json.dumps(body).encode(), headers)
            response = connection.getresponse()
            response.read()
            self.requests[number] += 1
            if response.status not in (200, 201):
                self.failures.append(f"{path}: {response.status}")
        connection.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def measure_load(seconds):
    server = Server("--cache-mib", "4")
    load = None
    try:
        pid = server.process.pid
        start = memory_mib(pid)
        load = Load(server)
        samples = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(1, seconds / 50))
            samples.append(memory_mib(pid))
        load.stop()
        fifth = max(1, len(samples) // 5)
        second = statistics.median(samples[fifth:2 * fifth])
        last = statistics.median(samples[-fifth:])
        return {"seconds": seconds, "requests": sum(load.requests), "failures": load.failures[:5],
                "mib_at_start": start, "mib_second_fifth": second, "mib_last_fifth": last,
                "mib_peak": peak_mib(pid), "mib_each_tenth": samples[::max(1, len(samples) // 10)]}
    finally:
        if load is not None:
            load.stop()
        server.close()


def complaints(figures):
    batch, load = figures.get("batch"), figures.get("load")
    found = []
    if batch and (batch["answers"] != batch["rows"] or batch["errors"]):
        found.append(f"{batch['answers']} answers, {batch['errors']} of them errors, "
                     f"expected {batch['rows']}")
    if batch and batch["mib_peak"] - batch["mib_at_start"] > BATCH_MIB:
        found.append(f"the batch needed more than {BATCH_MIB} MiB")
    if load and load["failures"]:
        found.append(f"failed requests: {load['failures']}")
    if load and load["mib_last_fifth"] - load["mib_second_fifth"] > GROWTH_MIB:
        found.append(f"memory grew by more than {GROWTH_MIB} MiB under load")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000000, help="0: no batch")
    parser.add_argument("--seconds", type=float, default=600, help="0: no load")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    figures = {}
    if args.rows:
        figures["batch"] = measure_batch(args.rows)
    if args.seconds:
        figures["load"] = measure_load(args.seconds)
    print(json.dumps(figures, indent=1))
    found = complaints(figures) if args.check else []
    for complaint in found:
        print(f"measure_memory: {complaint}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
