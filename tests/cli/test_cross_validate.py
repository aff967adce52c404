"""cross-validate: reproducible, by rows that were held out, and cancellable."""

import json
import os
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, ROOT, CliCase, Fixture, json_lines, labelled_rows


class CrossValidate(CliCase):
    def arguments(self, *more, data=None):
        folder = Fixture.folder()
        return ("cross-validate", "--data", data or folder / "data.jsonl", "--open-set",
                folder / "open.jsonl", "--epochs", 8, "--folds", 3, "--inner-folds", 2, *more)

    def test_the_same_seed_gives_the_same_figures(self):
        Fixture.model()
        first = self.succeed(*self.arguments("--repeats", 2, "--json")).stdout
        self.assertEqual(first, self.succeed(*self.arguments("--repeats", 2, "--json")).stdout)
        report = json.loads(first)
        for tier in ("full", "instant"):
            figures = report[tier]
            self.assertEqual(figures["n"], 2 * len(labelled_rows()))
            self.assertEqual(len(figures["rounds"]), 2)
            mean = sum(r["accuracy"] for r in figures["rounds"]) / 2
            self.assertAlmostEqual(figures["accuracy"], mean)
            low, high = figures["intervals"]["accuracy"]
            self.assertTrue(low <= mean <= high)
            self.assertEqual(figures["groups"]["language"]["unknown"]["n"], len(labelled_rows()))

    def test_labels_without_meaning_are_not_learnt(self):
        rows = labelled_rows()
        for i, row in enumerate(rows):  # what leaked would be answered right
            row["label"] = "AB"[(i * 7 // 3) % 2]
        data = self.write("random.jsonl", json_lines(rows))
        report = json.loads(self.succeed(*self.arguments("--json", data=data)).stdout)
        self.assertLess(report["full"]["accuracy"], 0.75)

    def test_it_can_be_cancelled(self):
        process = subprocess.Popen(
            [PROGRAM, *map(str, self.arguments("--repeats", 500))], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)})
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 1)
        self.assertIn(b"cancelled", process.stderr.read())

    def test_wrong_usage(self):
        self.fail_with(2, "--folds", *self.arguments()[:-4], "--folds", 1)
        data = self.write("two.jsonl", json_lines(labelled_rows()[:2]))
        self.fail_with(1, "expected 2 or more and a row for each", "cross-validate", "--data",
                       data, "--folds", 5)


if __name__ == "__main__":
    unittest.main()
