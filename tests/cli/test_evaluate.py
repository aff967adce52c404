"""evaluate: the same figures as an independent scorer, from what predict prints."""

import importlib.util
import json
import os
import pathlib
import random
import unittest

from cli_case import OPEN_SET, TITLES, CliCase, Fixture, json_lines, labelled_rows


def load_scorer():
    """The independent scorer that lies beside the public data sets; None when it is not here."""
    data = os.environ.get("SMARTSYNCH_EXTRA_DATA")
    path = pathlib.Path(data).parent / "tools" / "score.py" if data else None
    if path is None or not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("score", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def hard_rows():
    """Rows of every kind: right, mislabelled, unknown label, no words."""
    generator = random.Random(3)
    rows = labelled_rows()
    for row in rows:
        if generator.random() < 0.3:
            row["label"] = generator.choice(list(TITLES))
    rows += [{"title": title, "label": "None"} for title in OPEN_SET]
    rows += [{"title": "", "label": "Music"}, {"title": " ", "label": "None"}]
    generator.shuffle(rows)
    return rows


class Evaluate(CliCase):
    def evaluate(self, path, *arguments):
        done = self.succeed("evaluate", "--model", Fixture.model(), "--data", path, "--json",
                            *arguments)
        return json.loads(done.stdout)

    def assert_same(self, expected, found, where=""):
        if isinstance(expected, dict):
            for key, value in expected.items():
                self.assert_same(value, found[key], f"{where}/{key}")
        elif expected is None:
            self.assertIsNone(found, where)
        else:
            self.assertAlmostEqual(expected, found, delta=1e-6, msg=where)

    def test_agrees_with_the_independent_scorer(self):
        scorer = load_scorer()
        if scorer is None:
            self.skipTest("no tools/score.py beside the folder that SMARTSYNCH_EXTRA_DATA names")
        rows = hard_rows()
        path = self.write("gold.jsonl", json_lines(rows))
        for tier in ("full", "instant"):
            for count in (len(rows), 7):
                some = self.write("some.jsonl", json_lines(rows[:count]))
                predictions = self.predict(some.read_text(encoding="utf-8"), tier=tier)
                expected = scorer.score(rows[:count], predictions, list(TITLES))
                self.assert_same(expected, self.evaluate(some, "--tier", tier))
        self.assertTrue(path.exists())

    def test_what_is_printed_adds_up(self):
        rows = hard_rows()
        report = self.evaluate(self.write("gold.jsonl", json_lines(rows)))
        known = [row for row in rows if row["label"] in TITLES]
        self.assertEqual(report["n"], len(known))
        self.assertEqual(report["n_open_set"], len(rows) - len(known))
        confusion = report["confusion"]
        self.assertEqual(confusion["labels"], list(report["per_class"]))
        self.assertEqual(sum(map(sum, confusion["matrix"])) + sum(confusion["unanswered"]), len(known))
        self.assertEqual(sum(confusion["unanswered"]), 1)
        right = sum(confusion["matrix"][i][i] for i in range(len(confusion["labels"])))
        self.assertAlmostEqual(report["accuracy"], right / len(known))
        self.assertLess(report["ece_interval"][0], report["ece_interval"][1])
        self.assertEqual(report["malformed_rows"], 0)
        self.assertEqual(report["tier"], "full")

    def test_open_set_files_count_as_open_set_whatever_their_label(self):
        known = self.write("known.jsonl", json_lines(labelled_rows()))
        others = self.write("others.jsonl", json_lines({"title": t, "label": "Music"} for t in OPEN_SET))
        report = self.evaluate(known, "--open-set", others)
        self.assertEqual((report["n"], report["n_open_set"]), (len(labelled_rows()), len(OPEN_SET)))
        self.assertIsNone(self.evaluate(known)["open_set"])

    def test_only_open_set_rows_have_no_accuracy(self):
        report = self.evaluate(self.write("g.jsonl", json_lines([{"title": "a", "label": "None"}])))
        self.assertIsNone(report["accuracy"])
        self.assertIsNone(report["auto_select"]["coverage"])

    def test_intervals_and_curves(self):
        report = self.evaluate(self.write("gold.jsonl", json_lines(hard_rows())), "--curves")
        for name, value in (("accuracy", report["accuracy"]), ("macro_f1", report["macro_f1"]),
                            ("auroc", report["open_set"]["auroc"])):
            low, high = report["intervals"][name]
            self.assertLessEqual(low, value)
            self.assertGreaterEqual(high, value)
        bins = report["curves"]["reliability"]
        error = sum(b["n"] * abs(b["confidence"] - b["accuracy"]) for b in bins)
        self.assertAlmostEqual(error / report["n"], report["ece"])
        self.assertEqual(report["curves"]["roc"][-1], {"false_alarms": 1, "detected": 1})

    def test_groups_by_language_and_style(self):
        rows = labelled_rows()
        for i, row in enumerate(rows):
            row["language"] = "en" if i % 3 else "de"
            row["style"] = "terse" if i % 2 else "sentence"
        rows[1]["label"] = "Music"  # wrong: "en terse" falls below
        groups = self.evaluate(self.write("g.jsonl", json_lines(rows)), "--groups")["groups"]
        self.assertEqual(set(groups["language"]), {"en", "de"})
        self.assertEqual(sum(g["n"] for g in groups["language_style"].values()), len(rows))
        self.assertEqual(groups["language_style"]["en sentence"]["below_reference"], 0)
        self.assertGreater(groups["language_style"]["en terse"]["below_reference"], 0)

    def test_as_typed_and_mistyped(self):
        path = self.write("gold.jsonl", json_lines(labelled_rows()))
        report = self.evaluate(path, "--as-typed", "--mistyped", 0.6, "--seeds", 3)
        typed = report["as_typed"]
        self.assertEqual(typed["titles"], len(labelled_rows()))
        self.assertAlmostEqual(typed["accuracy"]["full"]["100"], report["accuracy"])
        self.assertLess(typed["accuracy"]["full"]["25"], typed["accuracy"]["full"]["100"])
        self.assertGreaterEqual(typed["changes"]["cascade"]["suggested"],
                                typed["changes"]["instant"]["suggested"])
        mistyped = report["mistyped"]
        self.assertAlmostEqual(mistyped["accuracy"] + mistyped["accuracy_lost"], report["accuracy"])
        self.assertLess(mistyped["accuracy"], report["accuracy"])
        instant = self.evaluate(path, "--as-typed", "--tier", "instant")["as_typed"]
        self.assertEqual(list(instant["accuracy"]), ["instant"])
        self.assertEqual(instant["changes"]["instant"], typed["changes"]["instant"])
        only = self.write("none.jsonl", json_lines([{"title": "a", "label": "None"}]))
        self.fail_with(1, "no row has a category of the model", "evaluate", "--model",
                       Fixture.model(), "--data", only, "--as-typed")
        self.fail_with(2, "--mistyped", "evaluate", "--data", path, "--mistyped", 2)

    def test_text_for_people(self):
        path = self.write("gold.jsonl", json_lines(hard_rows()) + "{}\n")
        done = self.succeed("evaluate", "--model", Fixture.model(), "--data", path)
        text = done.stdout.decode()
        for fragment in ("accuracy", "macro F1", "Cooking", "true \\ answered", "1 malformed rows"):
            self.assertIn(fragment, text)


if __name__ == "__main__":
    unittest.main()
