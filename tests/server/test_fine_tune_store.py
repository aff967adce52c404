"""fine-tune over a server's store: once, again over its own winner, on a schedule, and through the
absence of PostgreSQL."""

import fcntl
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from machines import Postgres, postgres_folder, wait_until
from server_case import ENVIRONMENT, PROGRAM, Server

TITLES = {
    "Cooking": ["bake sourdough bread", "boil eggs for the salad", "cook the lentil soup",
                "try the new curry recipe", "roast vegetables", "make pancakes for breakfast",
                "prepare dough for pizza", "grill the fish", "season the stew", "fry onions"],
    "Garden": ["water the tomatoes", "prune the roses", "plant tulip bulbs", "mow the lawn",
               "weed the vegetable bed", "rake the leaves", "sow carrots and peas",
               "trim the hedge", "turn the compost heap", "repot the fig tree"],
    "Music": ["practise scales on the piano", "tune the guitar", "restring the bass",
              "record a demo of the song", "rehearse with the choir", "print the sheet music",
              "write lyrics for the bridge", "mix the drum tracks", "book a piano tuner",
              "transcribe the trumpet solo"],
}
# What these people do with music and cooking could not be guessed from the training data.
ERRANDS = ["renew the passport", "pay the electricity bill", "call the dentist",
           "buy winter tyres", "return the parcel", "file the tax form", "order contact lenses",
           "wash the car", "cancel the gym contract", "change the light bulb"]
MEETINGS = ["quarterly budget review", "weekly team meeting", "interview the candidate",
            "prepare the board slides", "sign the office lease", "plan the sales campaign",
            "audit the accounts", "negotiate with the supplier", "onboard the new colleague",
            "answer the customer survey"]
ENDINGS = ["", " today", " before Friday"]


class Learning(unittest.TestCase):
    """A small model of its own, so that a run takes a moment."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_learning_"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        data, open_set = cls.folder / "data.jsonl", cls.folder / "open.jsonl"
        data.write_text("".join(json.dumps({"title": title, "label": label}) + "\n"
                                for label, titles in TITLES.items() for title in titles))
        open_set.write_text("".join(json.dumps({"title": title}) + "\n"
                                    for title in ERRANDS + MEETINGS))
        cls.model = cls.folder / "model.safetensors"
        cls.exemplars = cls.folder / "exemplars.safetensors"
        subprocess.run(
            [PROGRAM, "train", "--data", data, "--open-set", open_set, "--out", cls.model,
             "--exemplars", cls.exemplars, "--epochs", "8", "--folds", "3"], check=True,
            env={**ENVIRONMENT, "SMARTSYNCH_RUNS": str(cls.folder / "runs")},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start_server(self, *arguments):
        server = Server("--model", self.model, "--tier", "instant", *arguments)
        self.addCleanup(server.close)
        return server

    def command(self, store, *arguments):
        return [str(part) for part in (PROGRAM, "fine-tune", *store, "--exemplars", self.exemplars,
                                       "--epochs", 200, *arguments)]

    def learn(self, store, *arguments, status=0):
        done = subprocess.run(self.command(store, *arguments), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=300)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done

    def schedule(self, store, every):
        log = self.folder / f"schedule{id(store)}.log"
        with open(log, "ab") as output:
            process = subprocess.Popen(
                self.command(store, "--activate", "--schedule", every),
                stdout=subprocess.DEVNULL, stderr=output, env=ENVIRONMENT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, log

    def give(self, server, titles, category, endings=tuple(ENDINGS)):
        for title in titles:
            for ending in endings:
                reply = server.post("/v1/feedback", {"title": title + ending, "category": category})
                self.assertIn(reply.status, (201, 202), reply.body)

    def active(self, server):
        return server.get("/readyz").json["modelVersion"]  # needs no store

    def first_suggestion(self, server, title):
        return server.post("/v1/predict", {"title": title}).json["suggestions"][0]["categoryId"]

    def assert_follows(self, server, version):
        self.assertTrue(wait_until(lambda: self.active(server) == version, 30), server.log)


class OnceTest(Learning):
    def setUp(self):
        self.server = self.start_server()
        self.store = ("--store", self.server.state / "server.db")
        self.base = self.active(self.server)

    def runs(self):
        return self.server.get("/v1/learning").json["runs"]

    def test_too_little_feedback_is_refused_and_the_refusal_is_kept(self):
        self.give(self.server, ERRANDS[:3], "Music", [""])
        done = self.learn(self.store, "--activate", status=1)
        self.assertIn(b"needs 20 tasks", done.stderr)
        (run,) = self.runs()
        self.assertEqual((run["outcome"], run["champion"], run["challenger"]),
                         ("refused", self.base, ""))
        self.assertIn("needs 20 tasks", run["reason"])
        self.assertEqual(run["details"]["feedback"], 3)
        self.assertEqual(self.active(self.server), self.base)

    def test_a_winner_is_registered_with_its_lineage_and_activated_on_demand(self):
        self.give(self.server, ERRANDS, "Music")
        done = json.loads(self.learn(self.store, "--json").stdout)
        self.assertEqual((done["outcome"], done["parent"]), ("registered", self.base))
        (model,) = [model for model in self.server.get("/v1/models").json["models"]
                    if model["version"] == done["model_version"]]
        self.assertEqual((model["parent"], model["source"]), (self.base, "fine-tune"))
        self.assertEqual(model["lineage"]["feedback"], 30)
        self.assertRegex(model["lineage"]["feedback_sha256"], "^[0-9a-f]{64}$")
        self.assertGreater(model["lineage"]["held_out_feedback"]["full"]["challenger_right"], 15)
        self.assertEqual(self.active(self.server), self.base)
        # The same feedback gives the same bytes, so the second run adds no version.
        again = json.loads(self.learn(self.store, "--json", "--activate").stdout)
        self.assertEqual((again["outcome"], again["model_version"]),
                         ("activated", done["model_version"]))
        self.assert_follows(self.server, done["model_version"])
        self.assertEqual(self.first_suggestion(self.server, "renew the passport soon"), "music")
        self.assertEqual(self.server.post("/v1/models/rollback").json["version"], self.base)

    def test_a_winner_is_the_next_champion_and_only_new_feedback_counts(self):
        self.give(self.server, ERRANDS, "Music")
        first = json.loads(self.learn(self.store, "--json", "--activate").stdout)
        refused = self.learn(self.store, "--activate", status=1)
        self.assertIn(b"no better: 0 of 0", refused.stderr)
        self.assert_follows(self.server, first["model_version"])
        self.give(self.server, MEETINGS, "Cooking")
        second = json.loads(self.learn(self.store, "--json", "--activate").stdout)
        self.assertEqual(second["parent"], first["model_version"])
        self.assertEqual(second["root"], self.base)
        self.assertEqual(second["held_out_feedback"]["full"]["rows"], 30)
        self.assert_follows(self.server, second["model_version"])
        for title, category in (("renew the passport soon", "music"),
                                ("weekly team meeting at noon", "cooking"),
                                ("water the tomatoes", "garden")):
            self.assertEqual(self.first_suggestion(self.server, title), category)
        self.assertEqual([run["outcome"] for run in self.runs()],
                         ["activated", "refused", "activated"])

    def test_an_added_category_is_learnt_and_merges_go_on_counting(self):
        added = self.server.post("/v1/categories", {"name": "Errands"}).json
        self.give(self.server, ERRANDS, "Errands")
        first = json.loads(self.learn(self.store, "--json", "--activate").stdout)
        self.assertEqual(first["held_out_feedback"]["full"]["champion_right"], 0)
        self.assertTrue(wait_until(lambda: self.first_suggestion(
            self.server, "renew the passport soon") == added["id"], 30))
        names = {c["name"] for c in self.server.get("/v1/categories").json["categories"]}
        self.assertEqual(names, {*TITLES, "Errands"})
        reply = self.server.post(f"/v1/categories/{added['id']}/merge", {"into": "music"})
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(self.first_suggestion(self.server, "renew the passport soon"), "music")
        self.give(self.server, MEETINGS, "Cooking")
        self.give(self.server, ["sell the old bicycle"], "errands")  # from a page not yet told
        second = json.loads(self.learn(self.store, "--json", "--activate").stdout)
        self.assertEqual(second["parent"], first["model_version"])
        self.assert_follows(self.server, second["model_version"])
        self.assertEqual(self.first_suggestion(self.server, "renew the passport soon"), "music")

    def test_feedback_that_teaches_nothing_is_refused(self):
        for label, titles in TITLES.items():
            self.give(self.server, titles, label, [""])
        done = self.learn(self.store, "--activate", status=1)
        self.assertIn(b"refused", done.stderr)
        self.assertEqual(self.active(self.server), self.base)
        self.assertEqual(self.runs()[0]["outcome"], "refused")

    def test_one_learns_at_a_time(self):
        self.give(self.server, ERRANDS, "Music")
        with open(self.server.state / "server.db.learning", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.learn(self.store, status=1)
        self.assertIn(b"another process is learning", done.stderr)
        self.assertEqual(self.runs(), [])
        self.learn(self.store)

    def test_exemplars_of_another_model_and_wrong_usage(self):
        self.give(self.server, ERRANDS, "Music")
        foreign = subprocess.run(
            [PROGRAM, "fine-tune", *self.store], stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.assertEqual(foreign.returncode, 1)
        self.assertIn(b"exemplars belong to the model", foreign.stderr)
        self.assertEqual(self.runs(), [])
        self.assertIn(b"no such file",
                      self.learn(("--store", self.folder / "none.db"), status=1).stderr)
        self.assertFalse((self.folder / "none.db").exists())
        for arguments in (("--feedback", "x"), ("--out", "x"), ("--postgres", "x"),
                          ("--schedule", "5"), ("--schedule", "0h"), ("--schedule", "-1h")):
            self.learn(self.store, *arguments, status=2)
        self.learn((), status=2)

    def test_a_schedule_learns_what_comes_and_ends_in_order(self):
        process, log = self.schedule(self.store, "1s")
        self.assertTrue(wait_until(lambda: "nothing_to_learn" in log.read_text()), log.read_text())
        self.give(self.server, ERRANDS, "Music")
        self.assertTrue(wait_until(lambda: self.active(self.server) != self.base), log.read_text())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)
        self.assertIn("learning_stopped", log.read_text())
        self.assertNotIn("passport", log.read_text())


@unittest.skipUnless(postgres_folder(), "PostgreSQL is not installed")
class PostgresTest(Learning):
    def test_two_schedules_take_turns_and_outlive_postgresql(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_learning_"))
        folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, folder, True)
        postgres = Postgres(folder / "postgres")
        self.addCleanup(postgres.kill)
        store = ("--postgres", postgres.address)
        replicas = [self.start_server(*store) for _ in range(2)]
        base = self.active(replicas[0])
        postgres.kill()
        schedules = [self.schedule(list(store), "2s") for _ in range(2)]
        for _, log in schedules:
            self.assertTrue(wait_until(lambda: "learning_failed" in log.read_text()))
        self.give(replicas[0], ERRANDS, "Music")  # waits in the replica's spool
        postgres.start()
        self.assertTrue(wait_until(lambda: self.active(replicas[1]) != base),
                        [log.read_text() for _, log in schedules])
        version = self.active(replicas[1])
        self.assert_follows(replicas[0], version)
        for process, _ in schedules:
            process.send_signal(signal.SIGTERM)
        for process, _ in schedules:
            self.assertEqual(process.wait(60), 0)
        runs = replicas[0].get("/v1/learning").json["runs"]
        self.assertEqual([run["challenger"] for run in runs if run["outcome"] == "activated"],
                         [version])
        # None began before the one before it had ended.
        for newer, older in zip(runs, runs[1:]):
            self.assertGreaterEqual(newer["started"], older["ended"])


if __name__ == "__main__":
    unittest.main()
