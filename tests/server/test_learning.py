"""Feedback, versions and experiments over HTTP, and what survives the end of the process."""

import collections
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from server_case import ENVIRONMENT, PROGRAM, ROOT, Server, ServerCase

BASE = ROOT / "models" / "base_model" / "model.safetensors"
TITLES = {
    "Cooking": ["bake sourdough bread", "boil eggs", "cook lentil soup", "roast vegetables",
                "make pancakes", "grill the fish", "bake an apple pie", "fry onions"],
    "Garden": ["water the tomatoes", "prune the roses", "plant tulip bulbs", "mow the lawn",
               "rake the leaves", "sow carrots", "trim the hedge", "repot the fig tree"],
}


def train_model(folder):
    """Another version than the base model: few titles, so it takes a moment."""
    rows = [{"title": title, "label": label} for label, titles in TITLES.items()
            for title in titles]
    data = folder / "data.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = folder / "model.safetensors"
    subprocess.run([PROGRAM, "train", "--data", data, "--out", out, "--epochs", "4", "--folds", "3"],
                   env={**ENVIRONMENT, "SMARTSYNCH_RUNS": str(folder / "runs")}, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out.read_bytes()


class FeedbackTest(ServerCase):
    arguments = ("--tier", "instant")

    def test_feedback_is_stored_once_a_key(self):
        body = {"title": "Fix login crash", "category": "Development", "user": "u1"}
        first = self.server.post("/v1/feedback", body, Idempotency_Key="k1")
        self.assertEqual(first.status, 201, first.body)
        again = self.server.post("/v1/feedback", body, Idempotency_Key="k1")
        self.assertEqual(again.status, 200)
        self.assertEqual(again.json["outcome"], "repeated")
        self.assertEqual(again.json["sequence"], first.json["sequence"])
        other = self.server.post("/v1/feedback", {**body, "title": "b"}, Idempotency_Key="k1")
        self.assert_problem(other, 409, "Idempotency-Key")

    def test_what_was_predicted_may_be_sent_back_as_it_is(self):
        prediction = self.server.post("/v1/predict", {"title": "Fix login crash"}).json
        kept = prediction["suggestions"][0]["categoryId"]
        changed = prediction["suggestions"][1]["category"]
        for body, kind in (({"categoryId": kept}, "accepted"), ({"category": changed}, "changed"),
                           ({"categoryId": kept, "kind": "rejected"}, "rejected")):
            reply = self.server.post("/v1/feedback",
                                     {**prediction, "title": "Fix login crash", **body})
            self.assertEqual(reply.status, 201, reply.body)
            self.assertEqual(reply.json["kind"], kind)
        event = self.server.get("/v1/export").lines[-1]["event"]
        self.assertEqual(event["title"], "Fix login crash")
        self.assertEqual(event["model_version"], prediction["modelVersion"])

    def test_errors_name_the_field(self):
        good = {"title": "a", "category": "Development"}
        for change, field in (
            ({"category": "Nowhere"}, "category"), ({"category": 3}, "category"),
            ({"category": None}, "categoryId"), ({"kind": "liked"}, "kind"),
            ({"title": None}, "title"), ({"suggestions": {}}, "suggestions"),
            ({"suggestions": [{"categoryId": "design", "confidence": 2}]},
             "suggestions[0].confidence"),
            ({"suggestions": [{"confidence": 1}]}, "suggestions[0].categoryId"),
            ({"time": -1}, "time"), ({"time": "now"}, "time"), ({"tier": 1}, "tier"),
        ):
            with self.subTest(change=change):
                self.assert_problem(self.server.post("/v1/feedback", {**good, **change}), 400,
                                    field)

    def test_export_goes_on_where_it_ended_and_forgets_a_user(self):
        for i in range(1205):
            self.assertEqual(
                self.server.post("/v1/feedback", {"title": f"Task {i}", "category": "Planning",
                                                  "user": "forgotten"}).status, 201)
        lines = self.server.get("/v1/export").lines
        mine = [line for line in lines if line["user"] == "forgotten"]
        self.assertEqual([line["event"]["title"] for line in mine],
                         [f"Task {i}" for i in range(1205)])
        sequences = [line["sequence"] for line in lines]
        self.assertEqual(sequences, sorted(set(sequences)))
        rest = self.server.get(f"/v1/export?after={mine[1199]['sequence']}").lines
        self.assertEqual(rest, lines[lines.index(mine[1199]) + 1:])
        for after in ("x", "", "-1", "9" * 18):
            self.assert_problem(self.server.get(f"/v1/export?after={after}"), 400, "after")
        reply = self.server.request("DELETE", "/v1/feedback?user=forgotten")
        self.assertEqual(reply.json, {"forgotten": 1205})
        self.assertNotIn(b"Task 7", self.server.get("/v1/export").body)


class KilledTest(unittest.TestCase):
    def test_no_acknowledged_feedback_is_lost(self):
        state = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_state_"))
        self.addCleanup(shutil.rmtree, state, True)
        acknowledged = set()
        for round_ in range(3):
            server = Server("--tier", "instant", state=state)
            self.addCleanup(server.close)
            stop = threading.Event()

            def send(worker):
                i = 0
                while not stop.is_set():
                    key = f"{round_}-{worker}-{i}"
                    i += 1
                    try:
                        reply = server.post("/v1/feedback",
                                            {"title": key, "category": "Design"},
                                            Idempotency_Key=key)
                    except OSError:
                        return
                    except Exception:  # an answer that was cut in the middle
                        return
                    if reply.status == 201:
                        acknowledged.add(key)

            senders = [threading.Thread(target=send, args=(worker,)) for worker in range(4)]
            for sender in senders:
                sender.start()
            wanted = len(acknowledged) + 100
            while len(acknowledged) < wanted:
                time.sleep(0.01)
            server.stop(signal.SIGKILL)
            stop.set()
            for sender in senders:
                sender.join()
        server = Server("--tier", "instant", state=state)
        self.addCleanup(server.close)
        keys = [line["key"] for line in server.get("/v1/export").lines]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertLessEqual(acknowledged, set(keys))


class VersionsTest(ServerCase):
    def test_versions_and_experiments(self):
        with tempfile.TemporaryDirectory() as folder:
            other = train_model(pathlib.Path(folder))
        base = self.server.get("/v1/models").json["active"]
        self.refuse_bad_models()
        reply = self.server.post("/v1/models", other, Content_Type="application/octet-stream")
        self.assertEqual(reply.status, 201, reply.body)
        version = reply.json["version"]
        self.assertEqual(reply.json["parent"], base)
        self.activate_and_go_back(base, version)
        self.run_an_experiment(base, version)

    def refuse_bad_models(self):
        for body in (b"", b"nonsense", BASE.read_bytes()[:-1], b"\xff" * 1000):
            reply = self.server.post("/v1/models", body, Content_Type="application/octet-stream")
            self.assertEqual(reply.status, 422, reply.body)
            self.assertEqual(reply.headers["Content-Type"], "application/problem+json")

    def version(self, title="bake bread", **more):
        return self.server.post("/v1/predict", {"title": title, **more}).json["modelVersion"]

    def wait_for(self, version):
        deadline = time.monotonic() + 30
        while self.version() != version:
            self.assertLess(time.monotonic(), deadline, f"{version} never answered")
            time.sleep(0.02)

    def activate_and_go_back(self, base, version):
        failures, stop = [], threading.Event()

        def load():
            while not stop.is_set():
                reply = self.server.post("/v1/predict", {"title": "water the roses"})
                if reply.status != 200:
                    failures.append(reply.body)

        loader = threading.Thread(target=load)
        loader.start()
        try:
            reply = self.server.post(f"/v1/models/{version}/activate")
            self.assertEqual(reply.json["version"], version)
            self.wait_for(version)
            self.assertEqual({c["name"] for c in self.server.get("/v1/categories").json["categories"]},
                             set(TITLES))
            self.assertEqual(self.server.post("/v1/models/rollback").json["version"], base)
            self.wait_for(base)
        finally:
            stop.set()
            loader.join()
        self.assertEqual(failures, [])
        self.assert_problem(self.server.post("/v1/models/rollback"), 404, "version")
        self.assertEqual(self.server.post("/v1/models/none/activate").status, 404)

    def run_an_experiment(self, base, version):
        arms = [{"name": "champion", "modelVersion": base, "weight": 1},
                {"name": "challenger", "modelVersion": version, "weight": 1}]
        post = self.server.post
        self.assert_problem(post("/v1/experiments", {"id": "E!", "arms": arms}), 400, "id")
        self.assert_problem(post("/v1/experiments", {"id": "e1", "arms": arms[:1]}), 400, "arms")
        self.assert_problem(
            post("/v1/experiments", {"id": "e1", "arms": [arms[0], {**arms[1], "weight": -1}]}),
            400, "arms[1].weight")
        created = post("/v1/experiments", {"id": "e1", "arms": arms})
        self.assertEqual(created.status, 201, created.body)
        self.assertEqual(created.json["arms"][0]["rateInterval"], [0, 1])
        self.assert_problem(post("/v1/experiments", {"id": "e2", "arms": arms}), 409, "traffic")
        self.assert_problem(post("/v1/experiments", {"id": "e2", "arms": arms, "traffic": 0}), 400,
                            "traffic")
        deadline = time.monotonic() + 30
        while post("/v1/predict", {"title": "a", "user": "u"}).headers["SmartSynch-Experiment"] is None:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        seen = collections.Counter()
        for i in range(200):
            reply = post("/v1/predict", {"title": "bake bread", "user": f"user {i}",
                                         "tier": "instant"})
            arm = reply.headers["SmartSynch-Experiment"].removeprefix("e1; arm=")
            self.assertEqual(reply.json["modelVersion"],
                             base if arm == "champion" else version)
            again = post("/v1/predict", {"title": "other", "user": f"user {i}", "tier": "instant"})
            self.assertEqual(again.headers["SmartSynch-Experiment"],
                             reply.headers["SmartSynch-Experiment"])
            seen[arm] += 1
            post("/v1/feedback", {"title": "bake bread", "category": "Design", "user": f"user {i}",
                                  "kind": "accepted" if i % 4 else "changed"})
        self.assertGreater(min(seen.values()), 60)
        self.assertEqual(self.version(), base)  # without a user nobody is in it
        result = self.server.get("/v1/experiments/e1").json
        self.assertEqual({arm["name"]: arm["shown"] for arm in result["arms"]}, dict(seen))
        self.assertEqual(sum(arm["accepted"] for arm in result["arms"]), 150)
        for arm in result["arms"]:
            low, high = arm["rateInterval"]
            self.assertTrue(0 < low < arm["rate"] < high < 1)
        low, high = result["arms"][1]["differenceInterval"]
        difference = result["arms"][1]["rate"] - result["arms"][0]["rate"]
        self.assertTrue(low < difference < high)
        self.assertEqual(result["arms"][1]["difference"], difference)
        self.assertEqual(result["arms"][1]["verdict"], "continue")
        changed = post("/v1/experiments/e1/weights", {"weights": [0, 5]})
        self.assertEqual([arm["weight"] for arm in changed.json["arms"]], [0, 5])
        self.assertEqual(post("/v1/experiments/e1/weights", {"weights": [1]}).status, 400)
        self.assertEqual(post("/v1/experiments/e1/promote", {"winner": "nobody"}).status, 400)
        ended = post("/v1/experiments/e1/promote", {"winner": "challenger"})
        self.assertEqual((ended.json["state"], ended.json["winner"]), ("promoted", "challenger"))
        self.wait_for(version)
        self.assertEqual(post("/v1/experiments/e1/stop").status, 400)
        self.assertEqual(self.server.get("/v1/experiments/e9").status, 404)
        self.assertEqual(self.server.get("/v1/experiments").json["experiments"][0]["id"], "e1")
        self.run_two_experiments(arms)

    def run_two_experiments(self, arms):
        """Side by side; nobody is in both, and a third finds no users left."""
        for name, traffic in (("left", 0.3), ("right", 0.5)):
            reply = self.server.post("/v1/experiments",
                                     {"id": name, "arms": arms, "traffic": traffic})
            self.assertEqual((reply.status, reply.json["traffic"]), (201, traffic), reply.body)
        self.assert_problem(self.server.post("/v1/experiments", {"id": "third", "arms": arms,
                                                                 "traffic": 0.3}), 409, "traffic")

        def experiment_of(user):
            reply = self.server.post("/v1/predict", {"title": "bake bread", "user": user,
                                                     "tier": "instant"})
            return (reply.headers["SmartSynch-Experiment"] or "none").partition(";")[0]

        deadline = time.monotonic() + 30
        while {experiment_of(f"user {i}") for i in range(50)} != {"left", "right", "none"}:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        before = [experiment_of(f"user {i}") for i in range(600)]
        counts = collections.Counter(before)
        for name, share in (("left", 0.3), ("right", 0.5), ("none", 0.2)):
            self.assertAlmostEqual(counts[name] / 600, share, delta=0.08)
        self.assertEqual(self.server.post("/v1/experiments/left/stop").status, 200)
        after = dict(zip(range(600), before))
        deadline = time.monotonic() + 30
        while any(experiment_of(f"user {i}") == "left" for i in range(50)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        for i, name in after.items():  # who was in the other one stays there
            self.assertEqual(experiment_of(f"user {i}"), "none" if name == "left" else name)


if __name__ == "__main__":
    unittest.main()
