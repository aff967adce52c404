"""Requests of every kind at the same time and the end of the process in their midst. With
SMARTSYNCH_CLI naming a program built with sanitizers, a fault they find fails it."""

import http.client
import itertools
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from machines import Postgres, Process, find_program, free_port, missing_packages
from server_case import ROOT, Server

SECONDS = float(os.environ.get("SMARTSYNCH_LOAD_SECONDS", "3"))
MODEL = (ROOT / "models" / "base_model" / "model.safetensors").read_bytes()
ROWS = b"".join(b'{"title": "Write report %d", "tier": "%s"}\n' % (i, tier)
                for i in range(40) for tier in (b"instant", b"full"))


class Load:
    def __init__(self, server):
        self.server = server
        self.version = server.get("/v1/models").json["active"]
        self.numbers = itertools.count()
        self.stopping = threading.Event()
        self.is_ending = False
        self.answers, self.wrong = {}, []

    def one(self, kind):
        post, i = self.server.post, next(self.numbers)
        arms = [{"name": name, "modelVersion": self.version} for name in ("a", "b")]
        if kind == "predict":
            return post("/v1/predict", {"title": f"Fix bug {i % 50}", "user": f"u{i}",
                                        "tier": ("full", "instant")[i % 2]})
        if kind == "batch":
            return post("/v1/batch", [json.loads(line) for line in ROWS.splitlines()[:20]])
        if kind == "stream":
            return post("/v1/batch", ROWS, Content_Type="application/x-ndjson")
        if kind == "feedback":
            return post("/v1/feedback", {"title": f"Task {i}", "category": "design",
                                         "user": f"u{i % 10}"}, Idempotency_Key=f"key{i}")
        if kind == "categories":
            post("/v1/categories", {"name": f"Topic {i % 5}"})
            return post("/v1/categories/planning/rename", {"name": f"Plans {i}"})
        if kind == "models":
            post("/v1/models", MODEL, Content_Type="application/octet-stream")
            return post(f"/v1/models/{self.version}/activate")
        if kind == "experiments":
            post("/v1/experiments", {"id": f"e{i}", "arms": arms, "traffic": 0.5})
            post(f"/v1/experiments/e{i}/weights", {"weights": [1, i % 3]})
            self.server.get(f"/v1/experiments/e{i}")
            if i % 2:
                return post(f"/v1/experiments/e{i}/stop")
            return post(f"/v1/experiments/e{i}/promote", {"winner": "a"})
        if kind == "forget":
            return self.server.request("DELETE", f"/v1/feedback?user=u{i % 10}")
        return [self.server.get(path) for path in ("/metrics", "/readyz", "/v1/export",
                                                   "/v1/categories", "/v1/experiments")][0]

    def run(self, kind):
        while not self.stopping.is_set():
            try:
                reply = self.one(kind)
                if reply.status >= 500 and reply.status != 503:
                    self.wrong.append((kind, reply.status, reply.body))
                if reply.status < 300:
                    self.answers[kind] = self.answers.get(kind, 0) + 1
            except (OSError, http.client.HTTPException) as error:
                if not self.is_ending:
                    self.wrong.append((kind, repr(error)))
                return


KINDS = ("predict", "predict", "predict", "batch", "stream", "feedback", "feedback", "categories",
         "models", "experiments", "forget", "reading")


class EverythingAtOnce(unittest.TestCase):
    def check(self, *arguments):
        server = Server("--threads", "4", "--drain-seconds", "20", *arguments)
        self.addCleanup(server.close)
        load = Load(server)
        threads = [threading.Thread(target=load.run, args=(kind,)) for kind in KINDS]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60
        while time.monotonic() < end and len(load.answers) < len(set(KINDS)):
            time.sleep(0.05)
        time.sleep(SECONDS)
        load.is_ending = True
        status = server.stop(timeout=120)
        load.stopping.set()
        for thread in threads:
            thread.join(60)
        self.assertEqual(load.wrong, [])
        self.assertEqual(set(load.answers), set(KINDS))
        self.assertNotIn("Sanitizer", server.log)
        self.assertNotIn("runtime error", server.log)
        self.assertEqual(status, 0, server.log[-3000:])
        self.assertIn('"stopped"', server.log)

    def test_with_a_store_of_its_own(self):
        self.check()

    @unittest.skipIf(missing_packages(), f"not installed: {', '.join(missing_packages())}")
    def test_with_postgres_and_redis(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_at_once_"))
        self.addCleanup(shutil.rmtree, folder, True)
        folder.chmod(0o755)
        postgres = Postgres(folder / "postgres")
        self.addCleanup(postgres.kill)
        port = free_port()
        redis = Process([find_program("redis-server"), "--port", port, "--bind", "127.0.0.1",
                         "--save", "", "--dir", folder], port, folder / "redis.log")
        self.addCleanup(redis.stop)
        self.check("--postgres", postgres.address, "--redis", f"redis://127.0.0.1:{port}")


if __name__ == "__main__":
    unittest.main()
