"""The bench of peers without its peers: scores, the table, the rows, the lock files."""

import argparse
import csv
import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "bench/peers"


def module(name):
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


sys.dont_write_bytecode = True
peers = module("peers")
datasets = module("datasets")


class Scores(unittest.TestCase):
    def test_worked_example(self):
        # a: 2 right of 3 wanted, 2 given: F1 4/5; b: 1 right of 1 wanted, 2 given: F1 2/3.
        found = peers.scores(["a", "a", "a", "b"], ["a", "a", "b", "b"])
        self.assertAlmostEqual(found["accuracy"], 3 / 4)
        self.assertAlmostEqual(found["macro_f1"], (4 / 5 + 2 / 3) / 2)

    def test_an_answer_outside_the_labels_is_wrong_and_adds_no_label(self):
        found = peers.scores(["a", "b"], ["", "b"])
        self.assertEqual(found, {"accuracy": 0.5, "macro_f1": 0.5})


class Table(unittest.TestCase):
    def test_figures_gaps_and_failures(self):
        rows = [{"set": "s", "method": "m", "accuracy": 91.25, "macro_f1": 90.0},
                {"set": "t", "method": "n", "error": "ImportError: missing"}]
        self.assertEqual(peers.table(["s", "t"], rows).splitlines()[2:],
                         ["| m | 91.2 / 90.0 |  |", "| n |  | ImportError: missing |"])


class Failures(unittest.TestCase):
    def test_a_method_that_fails_is_a_row_and_the_next_one_runs(self):
        def broken(train, test, folder):
            raise RuntimeError("no such thing\nmore")

        made = []
        original = peers.methods
        peers.methods = lambda name, options: [
            ("broken", broken), ("works", lambda *_: {"full": {"accuracy": 0.5, "macro_f1": 0.25}})]
        sys.path.insert(0, str(FOLDER))
        try:
            with tempfile.TemporaryDirectory() as folder:
                write_public(pathlib.Path(folder))
                peers.measure(argparse.Namespace(sets=["banking77"]), pathlib.Path(folder),
                              made.append)
        finally:
            peers.methods = original
            sys.path.remove(str(FOLDER))
        self.assertEqual(made, [
            {"set": "banking77", "method": "broken", "error": "RuntimeError: no such thing"},
            {"set": "banking77", "method": "works, full tier", "accuracy": 50.0, "macro_f1": 25.0}])


def write_public(folder):
    for path, rows in {"banking77_train.csv": [("a, b", "x"), ("c", "y")],
                       "banking77_test.csv": [("d", "x")],
                       "fewshot/BANKING77/train_5.csv": [("c", "y")]}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with open(folder / path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "category"), *rows])


class Rows(unittest.TestCase):
    def test_few_shot_rows_train_and_the_whole_test_split_measures(self):
        with tempfile.TemporaryDirectory() as folder:
            write_public(pathlib.Path(folder))
            full = datasets.load("banking77", pathlib.Path(folder))
            few = datasets.load("banking77/5", pathlib.Path(folder))
        self.assertEqual(full[0], [{"text": "a, b", "label": "x"}, {"text": "c", "label": "y"}])
        self.assertEqual(few, ([{"text": "c", "label": "y"}], full[1]))


class Locks(unittest.TestCase):
    def test_every_package_has_a_hash(self):
        lines = [line for line in (FOLDER / "peers.lock").read_text(encoding="utf-8").splitlines()
                 if not line.startswith("#")]
        for package, hashed in zip(lines[::2], lines[1::2], strict=True):
            self.assertRegex(package, r"^[\w-]+==[\w.]+ \\$")
            self.assertRegex(hashed, r"^    --hash=sha256:[0-9a-f]{64}$")
        lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
        for name, package in lock["packages"].items():
            if name:
                self.assertIn("sha512-", package.get("integrity", ""), name)


if __name__ == "__main__":
    unittest.main()
