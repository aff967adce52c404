"""The run log: what every training leaves behind, and what of it reaches an MLflow server."""

import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.request

from cli_case import PROGRAM, ROOT, CliCase, Fixture, labelled_rows

MLFLOW = os.environ.get("SMARTSYNCH_MLFLOW") or str(ROOT / ".cache" / "mlflow" / "bin" / "mlflow")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FakeServer:
    """Answers every request with `status`, or never."""

    def __init__(self, case, status):
        self.paths = paths = []
        released = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                paths.append(self.path)
                if status is None:
                    released.wait(60)
                    return
                body = b'{"error_code": "INTERNAL_ERROR", "message": "out of order"}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.uri = f"http://127.0.0.1:{server.server_port}"
        case.addCleanup(server.server_close)
        case.addCleanup(server.shutdown)
        case.addCleanup(released.set)


class Runs(CliCase):
    def setUp(self):
        super().setUp()
        self.runs = self.folder / "runs"
        self.out = self.folder / "model.safetensors"

    def train(self, *more):
        return self.succeed(*Fixture.training_arguments(self.out, "--runs", self.runs, *more))

    def log(self):
        (folder,) = self.runs.iterdir()
        epochs = (folder / "epochs.jsonl").read_text(encoding="utf-8").splitlines()
        return folder, json.loads((folder / "run.json").read_text("utf-8")), [
            json.loads(line) for line in epochs]

    def listed(self):
        return json.loads(self.succeed("runs", "list", "--runs", self.runs, "--json").stdout)

    def test_a_run_is_logged(self):
        report = json.loads(self.train("--json", "--seed", 3).stdout)
        folder, run, epochs = self.log()
        self.assertEqual(run["status"], "finished")
        self.assertEqual(run["id"], folder.name)
        self.assertEqual(run["parameters"]["seed"], 3)
        self.assertEqual(run["metrics"]["held_out"], report["held_out"])
        self.assertEqual(run["artifacts"], [str(self.out)])
        self.assertRegex(run["data_sha256"], "^[0-9a-f]{64}$")
        self.assertEqual({line["run"] for line in epochs},
                         {"validation", "fold-1", "fold-2", "fold-3", "final"})
        numbers = [line["epoch"] for line in epochs if line["run"] == "validation"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        (row,) = self.listed()
        self.assertEqual((row["status"], row["sent"]), ("finished", False))

    def test_the_commit_is_the_repository_s(self):
        repository = self.folder / "repository"
        repository.mkdir()
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(repository))
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
        commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True)
        for name, expected in ((repository, commit.stdout.decode().strip()), (self.folder, None)):
            shutil.rmtree(self.runs, ignore_errors=True)
            self.succeed(*Fixture.training_arguments(self.out, "--runs", self.runs), cwd=name)
            self.assertEqual(self.log()[1]["git_commit"], expected)

    def test_a_failed_run_says_why(self):
        data = self.write("one.jsonl", json.dumps(labelled_rows()[0]))
        self.fail_with(1, "has one sample", "train", "--data", data, "--out", self.out, "--runs",
                       self.runs)
        (folder,) = self.runs.iterdir()
        run = json.loads((folder / "run.json").read_text("utf-8"))
        self.assertEqual(run["status"], "failed")
        self.assertIn("has one sample", run["error"])

    def test_killed_at_random_moments_and_resumed_it_ends_in_the_same_bytes(self):
        generator = random.Random(11)
        checkpoints = self.folder / "checkpoints"
        arguments = Fixture.training_arguments(
            self.out, "--runs", self.runs, "--checkpoint-dir", checkpoints, "--resume")
        expected = Fixture.model().read_bytes()
        started = time.monotonic()
        self.succeed(*Fixture.training_arguments(self.folder / "timed", "--runs", self.runs))
        usual = time.monotonic() - started
        kills = 0
        for _ in range(8):
            process = subprocess.Popen(
                [PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)})
            try:
                process.wait(timeout=generator.uniform(0.2, 0.95) * usual)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        self.assertGreater(kills, 0)
        self.succeed(*arguments)
        self.assertEqual(self.out.read_bytes(), expected)
        # Every log that a kill left behind can be read, and is not taken for a finished one.
        states = [row["status"] for row in self.listed()]
        self.assertEqual(len(states), len(list(self.runs.iterdir())))
        self.assertGreaterEqual(states.count("running"), kills)

    def test_a_log_cut_in_the_middle_of_a_line_is_read(self):
        self.train()
        folder, _, epochs = self.log()
        path = folder / "epochs.jsonl"
        path.write_bytes(path.read_bytes()[:-7])
        self.assertEqual(self.listed()[0]["epochs"], len(epochs) - 1)
        (folder / "run.json").write_text("{")
        done = self.succeed("runs", "list", "--runs", self.runs, "--json")
        self.assertEqual(json.loads(done.stdout), [])
        self.assertIn(b"is no run log", done.stderr)

    def test_a_server_that_is_down_or_broken_loses_nothing(self):
        for server, message in ((f"http://127.0.0.1:{free_port()}", "no answer from"),
                                (FakeServer(self, 500).uri, "out of order"),
                                (FakeServer(self, 200).uri, "is it an MLflow server?")):
            with self.subTest(message):
                shutil.rmtree(self.runs, ignore_errors=True)
                done = self.train("--tracking-uri", server)
                text = done.stderr.decode()
                self.assertIn(message, text)
                self.assertIn("`runs send` sends it later", text)
                self.assertEqual(self.out.read_bytes(), Fixture.model().read_bytes())
                self.assertEqual(self.log()[1]["status"], "finished")
                self.fail_with(1, message, "runs", "send", "--runs", self.runs, "--tracking-uri",
                               server)

    def test_a_server_that_never_answers_blocks_for_half_a_minute_at_most(self):
        server = FakeServer(self, None)
        start = time.monotonic()
        done = self.train("--tracking-uri", server.uri)
        self.assertLess(time.monotonic() - start, 60)
        self.assertTrue(server.paths)
        self.assertIn(b"the run is kept in", done.stderr)
        self.assertEqual(self.log()[1]["status"], "finished")

    def test_wrong_addresses(self):
        for uri in ("localhost:5000", "https://a", "http://", "http:///x", "http://a b"):
            self.fail_with(2, "expected http://HOST[:PORT][/PATH]",
                           *Fixture.training_arguments(self.out, "--tracking-uri", uri))
        self.fail_with(2, "tracking-uri", "runs", "send", "--runs", self.runs)
        self.fail_with(2, "subcommand", "runs")
        self.assertEqual(self.listed(), [])


@unittest.skipUnless(os.access(MLFLOW, os.X_OK),
                     "no MLflow: tools/setup/pinned_venv.sh mlflow installs it, as tools/test.sh --long does")
class RealServer(CliCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        log = open(self.folder / "server.log", "wb")
        self.addCleanup(log.close)
        self.server = subprocess.Popen(
            [MLFLOW, "server", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db",
             "--artifacts-destination", str(self.folder / "artifacts")],
            stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"})
        self.addCleanup(self.stop)
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(self.uri + "/health", timeout=5):
                    break
            except OSError:
                self.assertIsNone(self.server.poll(), (self.folder / "server.log").read_text())
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.5)

    def stop(self):
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    def call(self, path, body=None):
        request = urllib.request.Request(
            f"{self.uri}/api/2.0/{path}", json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def test_parameters_metrics_and_artifacts_arrive(self):
        runs = self.folder / "runs"
        out = self.folder / "model.safetensors"
        late = Fixture.training_arguments(out, "--runs", runs, "--seed", 7)
        self.succeed(*late)  # not sent yet
        done = self.succeed(*Fixture.training_arguments(
            out, "--runs", runs, "--tracking-uri", self.uri, "--experiment", "tests & more"))
        self.assertNotIn(b"warning", done.stderr)
        send = ("runs", "send", "--runs", runs, "--tracking-uri", self.uri, "--experiment",
                "tests & more", "--json")
        self.assertEqual(json.loads(self.succeed(*send).stdout), {"sent": 1, "failed": 0})
        self.assertEqual(json.loads(self.succeed(*send).stdout), {"sent": 0, "failed": 0})
        # Sent once more, a run does not appear twice.
        self.assertEqual(json.loads(self.succeed(*send, "--all").stdout), {"sent": 2, "failed": 0})

        experiment = self.call("mlflow/experiments/get-by-name?experiment_name=tests%20%26%20more")
        number = experiment["experiment"]["experiment_id"]
        found = self.call("mlflow/runs/search", {"experiment_ids": [number]})["runs"]
        self.assertEqual(len(found), 2)
        for run in found:
            self.assertEqual(run["info"]["status"], "FINISHED")
            folder = runs / run["info"]["run_name"]
            local = json.loads((folder / "run.json").read_text("utf-8"))
            params = {p["key"]: p["value"] for p in run["data"]["params"]}
            self.assertEqual(params["seed"], str(local["parameters"]["seed"]))
            metrics = {m["key"]: m["value"] for m in run["data"]["metrics"]}
            self.assertAlmostEqual(metrics["held_out.accuracy"],
                                   local["metrics"]["held_out"]["accuracy"])
            tags = {t["key"]: t["value"] for t in run["data"]["tags"]}
            self.assertEqual(tags["smartsynch.data_sha256"], local["data_sha256"])
            history = self.call("mlflow/metrics/get-history?metric_key=final.train_loss&run_id="
                                + run["info"]["run_id"])["metrics"]
            text = (folder / "epochs.jsonl").read_text("utf-8")
            lines = [json.loads(line) for line in text.splitlines()]
            final = {l["epoch"]: l["train_loss"] for l in lines if l["run"] == "final"}
            self.assertEqual({m["step"]: m["value"] for m in history}, final)
            files = self.call("mlflow/artifacts/list?run_id=" + run["info"]["run_id"])["files"]
            self.assertEqual({f["path"] for f in files}, {"run.json", "model.safetensors"})


if __name__ == "__main__":
    unittest.main()
