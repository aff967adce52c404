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
        self.assert_floors(base["metrics"], 0.88, 0.94, 0.96, 0.45, 0.05)

    def extra(self, name):
        folder = os.environ.get("SMARTSYNCH_EXTRA_DATA")
        path = pathlib.Path(folder, name) if folder else None
        if path is None or not path.is_file():
            self.skipTest(f"SMARTSYNCH_EXTRA_DATA names no folder with {name}")
        return path

    def test_real_titles(self):
        path = self.extra("tasks_real_dev.jsonl")
        self.assert_floors(self.evaluate(path), 0.93, 0.97, 0.95, 0.65, 0.1)
        self.assert_floors(self.evaluate(path, "--tier", "instant"), 0.87, 0.97, 0.95, 0.5, 0.12)

    def test_terse_titles_of_several_languages(self):
        path = self.extra("tasks_real_dev2.jsonl")
        self.assert_floors(self.evaluate(path), 0.76, 0.87, 0.88, 0.25, 0.2)
        self.assert_floors(self.evaluate(path, "--tier", "instant"), 0.68, 0.85, 0.85, 0.25, 0.2)

    def test_a_title_of_each_category(self):
        titles = {"Fix the crash on logout": "Development", "Draw icons for the menu": "Design",
                  "Compare three map libraries": "Research", "Call with the client at 3": "Meeting",
                  "Draft the budget for spring": "Planning"}
        done = run("predict", "--json", stdin=json_lines({"title": title} for title in titles))
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        best = [answer["suggestions"][0]["category"] for answer in answers]
        self.assertEqual(best, list(titles.values()))
        selected = [answer for answer in answers if answer["decision"] == "auto"]
        self.assertGreaterEqual(len(selected), 4)


if __name__ == "__main__":
    unittest.main()
