"""The model that ships answers well: floors, below what it reaches, that a worse one would break."""

import json
import os
import pathlib
import unittest

from cli_case import CliCase, json_lines, run


class BaseModel(CliCase):
    def evaluate(self, path, *arguments):
        done = run("evaluate", "--data", path, "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return json.loads(done.stdout)

    def assert_floors(self, report, macro_f1, auroc, precision, coverage, ece):
        self.assertGreaterEqual(report["macro_f1"], macro_f1)
        self.assertGreaterEqual(report["open_set"]["auroc"], auroc)
        self.assertGreaterEqual(report["auto_select"]["precision"], precision)
        self.assertGreaterEqual(report["auto_select"]["coverage"], coverage)
        self.assertLessEqual(report["ece"], ece)

    def test_what_it_says_of_its_own_held_out_samples(self):
        done = run("models", "list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        base = next(version for version in json.loads(done.stdout) if version["base"])
        self.assert_floors(base["metrics"], 0.88, 0.95, 0.94, 0.6, 0.05)

    def test_real_titles(self):
        folder = os.environ.get("SMARTSYNCH_EXTRA_DATA")
        path = pathlib.Path(folder, "tasks_real_dev.jsonl") if folder else None
        if path is None or not path.is_file():
            self.skipTest("SMARTSYNCH_EXTRA_DATA names no folder with tasks_real_dev.jsonl")
        self.assert_floors(self.evaluate(path), 0.88, 0.93, 0.92, 0.6, 0.1)
        self.assert_floors(self.evaluate(path, "--tier", "instant"), 0.84, 0.93, 0.92, 0.5, 0.12)

    def test_a_title_of_each_category(self):
        titles = {"Fix the crash on logout": "Development", "Draw icons for the menu": "Design",
                  "Compare three map libraries": "Research", "Call with the client at 3": "Meeting",
                  "Draft the budget for spring": "Planning"}
        done = run("predict", "--json", stdin=json_lines({"title": title} for title in titles))
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        answers = [json.loads(line)["category"] for line in done.stdout.splitlines()]
        self.assertEqual(answers, list(titles.values()))


if __name__ == "__main__":
    unittest.main()
