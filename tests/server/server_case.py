"""What the tests of the HTTP server share: real processes on free ports. Standard library only.

SMARTSYNCH_CLI names the program (default: that of the release build).
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SMARTSYNCH_CLI") or str(
    ROOT / "build" / "native-release" / "tools" / "cli" / "smartsynch"
)
ENVIRONMENT = {**os.environ, "SMARTSYNCH_HOME": str(ROOT)}
for name in ("SMARTSYNCH_WRITE_KEY", "SMARTSYNCH_ADMIN_KEY"):
    ENVIRONMENT.pop(name, None)


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]


class Server:
    """A running `smartsynch serve`; its log is in `log`."""

    def __init__(self, *arguments, state=None, environment=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_server_"))
        self.state = state or self.folder / "state"
        self.log_path = self.folder / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--port", "0", "--state", self.state, *map(str, arguments)],
                stdout=subprocess.PIPE, stderr=log, env={**ENVIRONMENT, **(environment or {})},
            )
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("http://"):
            self.process.wait()
            raise AssertionError(f"the server did not start: {self.log}")
        self.host, _, port = line.removeprefix("http://").rpartition(":")
        self.port = int(port)

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8")

    def connect(self, timeout=60):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def raw(self, timeout=60):
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def request(self, method, path, body=None, **headers):
        """`body`: bytes as they are, anything else as JSON. Header names with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body, sent)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.request("POST", path, body, **headers)

    def metric(self, name):
        for line in self.get("/metrics").body.decode().splitlines():
            if line.rpartition(" ")[0] == name:
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"no metric {name}")

    def stop(self, sent=signal.SIGTERM, timeout=60):
        """Ends it with a signal; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        status = self.process.wait(timeout)
        self.process.stdout.close()
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, True)


class ServerCase(unittest.TestCase):
    """One server for the tests of a class, started with `arguments`."""

    maxDiff = 4000
    arguments = ()
    environment = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.arguments, environment=cls.environment)
        cls.addClassCleanup(cls.server.close)

    def assert_problem(self, reply, status, field=None):
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        problem = reply.json
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["detail"])
        self.assertEqual(problem.get("field"), field)

    def assert_healthy(self, server=None):
        reply = (server or self.server).post("/v1/predict", {"title": "Fix login crash"})
        self.assertEqual(reply.status, 200, reply.body)


# Heads of requests that lack the length of what follows.
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
STREAM = (b"POST /v1/batch?tier=instant HTTP/1.1\r\nHost: localhost\r\n"
          b"Content-Type: application/x-ndjson\r\n")


def read_all(connection):
    """What comes before the connection's end."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


class RawCase(ServerCase):
    """Sends bytes as they are; the server is well after each test."""

    def tearDown(self):
        self.assert_healthy()
        self.assertIsNone(self.server.process.poll())

    def send(self, data):
        """What comes back to these bytes until the server closes the connection."""
        with self.server.raw() as connection:
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_all(connection)


def predict_with_the_program(rows, tier):
    """What `predict --json` says to the same rows."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run(
        [PROGRAM, "predict", "--json", "--tier", tier, "--data", "-"], input=text.encode(),
        stdout=subprocess.PIPE, env=ENVIRONMENT, check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
