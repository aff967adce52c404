"""Two replicas, nginx, Redis and PostgreSQL, killed one after another under load."""

import collections
import http.client
import json
import pathlib
import tempfile
import threading
import time
import unittest
import uuid

from machines import Machines, missing_packages, wait_until
from test_learning import train_model

TITLES = ["Fix login crash", "Design new logo", "Weekly team standup", "Größe ändern 🚀", ""]
ATTEMPTS = 30


def ask(port, method, path, body=None, key=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        is_model = isinstance(body, bytes)
        headers = {"Content-Type": "application/octet-stream" if is_model else "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        sent = body if body is None or is_model else json.dumps(body)
        connection.request(method, path, sent, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Load(threading.Thread):
    """A client that predicts and gives feedback until it is told to stop, and tries again when a
    connection is cut or the answer is "later"."""

    def __init__(self, port, expected):
        super().__init__()
        self.port, self.expected = port, expected
        self.stopping = threading.Event()
        self.acknowledged, self.wrong, self.gave_up = [], [], []
        self.answered = self.retried = 0

    def run(self):
        turn = 0
        while not self.stopping.is_set():
            title = TITLES[turn % len(TITLES)]
            body = self.until_answered("/v1/predict", {"title": title}, None)
            if body is not None and json.loads(body) != self.expected[title]:
                self.wrong.append((title, body))
            key = str(uuid.uuid4())
            feedback = {"title": title or "x", "category": "Design", "taskId": key}
            if self.until_answered("/v1/feedback", feedback, key) is not None:
                self.acknowledged.append(key)
            turn += 1

    def until_answered(self, path, body, key):
        seen = []
        for _ in range(ATTEMPTS):
            try:
                status, answer = ask(self.port, "POST", path, body, key)
                if status in (200, 201, 202):
                    self.answered += 1
                    return answer
                seen.append((status, answer))
                if status not in (429, 502, 503, 504):
                    break
            except (OSError, http.client.HTTPException) as error:
                seen.append(repr(error))
            self.retried += 1
            time.sleep(0.1)
        self.gave_up.append((path, seen))
        return None


@unittest.skipIf(missing_packages(), f"not installed: {', '.join(missing_packages())}")
class ManyMachines(unittest.TestCase):
    def test_nothing_is_lost_doubled_or_wrong_while_one_after_another_dies(self):
        machines = Machines()
        self.addCleanup(machines.close)
        ports = [replica.port for replica in machines.replicas]
        expected = {title: json.loads(ask(ports[0], "POST", "/v1/predict", {"title": title})[1])
                    for title in TITLES}
        clients = [Load(machines.nginx.port, expected) for _ in range(4)]
        for client in clients:
            client.start()

        def done():
            return sum(client.answered for client in clients)

        def goes_on():
            before = done()
            self.assertTrue(wait_until(lambda: done() >= before + 40), "the load stands still")

        try:
            for name, machine in (("replica", machines.replicas[0]), ("redis", machines.redis),
                                  ("postgres", machines.postgres)):
                with self.subTest(killed=name):
                    goes_on()
                    machine.kill()
                    goes_on()
                    machine.start()
                    goes_on()
        finally:
            for client in clients:
                client.stopping.set()
            for client in clients:
                client.join()

        self.assertTrue(wait_until(lambda: all(self.waiting(port) == 0 for port in ports)))
        self.assertEqual([client.wrong for client in clients], [[]] * 4)
        self.assertEqual([client.gave_up for client in clients], [[]] * 4)
        stored = collections.Counter(
            json.loads(event)["task_id"]
            for (event,) in machines.postgres.rows("SELECT event FROM smartsynch_feedback")
        )
        acknowledged = [key for client in clients for key in client.acknowledged]
        self.assertGreater(len(acknowledged), 100)
        self.assertEqual([key for key in acknowledged if stored[key] != 1], [])
        self.assertEqual([key for key, times in stored.items() if times != 1], [])
        versions = {json.loads(ask(port, "GET", "/v1/categories")[1])["modelVersion"]
                    for port in ports}
        self.assertEqual(len(versions), 1)
        retried = sum(client.retried for client in clients)
        print(f"many machines: {done()} answers, {retried} repetitions, "
              f"{len(acknowledged)} feedbacks acknowledged, each stored once")

    def test_a_version_activated_at_one_replica_answers_at_both_without_a_dropped_request(self):
        machines = Machines()
        self.addCleanup(machines.close)
        ports = [replica.port for replica in machines.replicas]

        def version(port):
            return json.loads(ask(port, "POST", "/v1/predict", {"title": "bake bread"})[1])[
                "modelVersion"]

        first = version(ports[0])
        with tempfile.TemporaryDirectory() as folder:
            model = train_model(pathlib.Path(folder))
        status, body = ask(ports[0], "POST", "/v1/models", model)
        self.assertEqual(status, 201, body)
        second = json.loads(body)["version"]
        stopping = threading.Event()
        failed, seen = [], set()

        def load():
            while not stopping.is_set():
                status, body = ask(machines.nginx.port, "POST", "/v1/predict", {"title": "boil"})
                seen.add(json.loads(body).get("modelVersion"))
                if status != 200:
                    failed.append((status, body))

        client = threading.Thread(target=load)
        client.start()
        try:
            for path, wanted in ((f"/v1/models/{second}/activate", second),
                                 ("/v1/models/rollback", first)):
                status, body = ask(ports[0], "POST", path)
                self.assertEqual(status, 200, body)
                start = time.monotonic()
                self.assertTrue(wait_until(lambda: {version(port) for port in ports} == {wanted}))
                print(f"many machines: both replicas follow after {time.monotonic() - start:.2f} s")
        finally:
            stopping.set()
            client.join()
        self.assertEqual(failed, [])
        self.assertEqual(seen, {first, second})

    def waiting(self, port):
        for line in ask(port, "GET", "/metrics")[1].decode().splitlines():
            if line.startswith("smartsynch_spool_waiting "):
                return float(line.split()[1])
        self.fail("no metric smartsynch_spool_waiting")


if __name__ == "__main__":
    unittest.main()
