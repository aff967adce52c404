"""prepare: what repeats, contradicts or crowds a data set, and a split of the rest."""

import json
import unittest

from cli_case import OPEN_SET, CliCase, json_lines, labelled_rows


class Prepare(CliCase):
    def prepare(self, *arguments, **options):
        return json.loads(self.succeed("prepare", "--json", *arguments, **options).stdout)

    def read(self, folder, name):
        text = (folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def test_a_clean_set(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        others = self.write("open.jsonl", json_lines({"title": t, "label": "x"} for t in OPEN_SET))
        out = self.folder / "deep" / "out"
        report = self.prepare("--data", data, "--open-set", others, "--out", out, "--strict",
                              "--validation", 0.25)
        self.assertEqual((report["samples"], report["open_set_samples"]), (36, 10))
        self.assertEqual(report["problems"], 0)
        self.assertEqual({c: v["samples"] for c, v in report["categories"].items()},
                         {"Cooking": 12, "Garden": 12, "Music": 12})
        parts = [self.read(out, name) for name in
                 ("train.jsonl", "validation.jsonl", "open_set_train.jsonl",
                  "open_set_validation.jsonl")]
        self.assertEqual([len(part) for part in parts], [27, 9, 7, 3])
        self.assertEqual(sorted(row["title"] for part in parts[:2] for row in part),
                         sorted(row["title"] for row in labelled_rows()))
        self.assertEqual({c: sum(row["category"] == c for row in parts[1])
                          for c in ("Cooking", "Garden", "Music")},
                         {"Cooking": 3, "Garden": 3, "Music": 3})
        self.assertEqual(len(list(out.iterdir())), 4)

    def test_the_seed_decides_the_split(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        contents = []
        for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
            self.prepare("--data", data, "--out", self.folder / folder, "--seed", seed)
            contents.append((self.folder / folder / "validation.jsonl").read_bytes())
        self.assertEqual(contents[0], contents[1])
        self.assertNotEqual(contents[0], contents[2])

    def test_duplicates_conflicts_similar_pairs_and_openings(self):
        rows = labelled_rows() + [
            {"title": "Bake  SOURDOUGH bread", "label": "Cooking"},
            {"title": "mow the lawn", "label": "Music"},
            {"title": "cook rice for seven people", "label": "Cooking"},
            {"title": "The roses need", "label": "Garden", "confidence": 0.5},
            {"title": "the roses want more of it", "label": "Garden"},
            {"title": "the roses, please", "label": "Garden", "lang": "en"},
        ]
        data = self.write("data.jsonl", json_lines(rows))
        out = self.folder / "out"
        report = self.prepare("--data", data, "--out", out)
        self.assertEqual([(d["first"]["line"], d["later"]["line"], d["conflict"])
                          for d in report["duplicates"]], [(1, 37, False), (16, 38, True)])
        self.assertEqual([(s["first"]["line"], s["second"]["line"]) for s in report["similar"]],
                         [(12, 39)])
        self.assertAlmostEqual(report["similar"][0]["similarity"], 4 / 6)
        self.assertEqual(report["openings"][0]["words"], "the roses")
        self.assertEqual(report["openings"][0]["samples"], 3)
        self.assertEqual(report["crowded_openings"], 1)
        self.assertEqual(report["problems"], 4)
        self.assertEqual(report["left_out"], 3)
        self.assertEqual(report["languages"], {"en": 1, "unknown": 41})
        self.assertAlmostEqual(report["categories"]["Garden"]["weight"], 14.5)
        titles = [row["title"] for name in ("train.jsonl", "validation.jsonl")
                  for row in self.read(out, name)]
        self.assertEqual(len(titles), len(rows) - 3)
        self.assertNotIn("mow the lawn", titles)
        self.fail_with(1, "4 problems in the data", "prepare", "--data", data, "--strict")
        text = self.succeed("prepare", "--data", data).stdout.decode()
        for fragment in ("duplicate: ", "conflict: ", "similar (0.67): ", '"the roses" 7.14 %'):
            self.assertIn(fragment, text)

    def test_a_conflict_with_the_open_set_is_found(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        others = self.write("open.jsonl", json_lines([{"title": "Mow the lawn"}]))
        report = self.prepare("--data", data, "--open-set", others)
        self.assertTrue(report["duplicates"][0]["conflict"])
        self.assertEqual(report["left_out"], 2)

    def test_texts_are_cleaned(self):
        rows = [{"title": " bake\u00a0\tbread \n", "description": "a\u0000b", "label": " Cooking ",
                 "confidence": 0.25, "lang": "en"}]
        out = self.folder / "out"
        self.prepare("--data", self.write("data.jsonl", json_lines(rows)), "--out", out)
        self.assertEqual(self.read(out, "train.jsonl"),
                         [{"title": "bake bread", "description": "a b", "category": "Cooking",
                           "confidence": 0.25, "lang": "en"}])

    def test_overlap_with_evaluation_data(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        others = self.write("open.jsonl", json_lines([{"title": "renew the passport"}]))
        first = self.write("first.jsonl", json_lines([
            {"title": "Mow  THE lawn", "label": "Garden"}, {"title": "unseen title"},
            {"title": "Renew the passport", "label": "Travel"}]))
        second = self.write("second.jsonl", json_lines([
            {"title": "cook rice for seven people"}, {"title": "unseen title"}]))
        arguments = ("--data", data, "--open-set", others, "--evaluation", first, second)
        report = self.prepare(*arguments)
        overlap = report["evaluation_overlap"]
        self.assertEqual(overlap["samples"], 5)
        self.assertEqual(
            [(pair["data"]["title"], pair["evaluation"]["file"], pair["evaluation"]["line"])
             for pair in overlap["exact"]],
            [("mow the lawn", str(first), 1), ("renew the passport", str(first), 3)])
        self.assertEqual([(pair["data"]["line"], pair["evaluation"]["file"])
                          for pair in overlap["similar"]], [(12, str(second))])
        self.assertAlmostEqual(overlap["similar"][0]["similarity"], 4 / 6)
        # What is evaluated on alone is no sample, repeats nothing and is no part of the split.
        self.assertEqual((report["samples"], report["open_set_samples"]), (36, 1))
        self.assertEqual(report["duplicates"], [])
        self.assertEqual(report["train"] + report["validation"], 37)
        self.assertEqual(report["problems"], 3)
        text = self.succeed("prepare", *arguments).stdout.decode()
        for fragment in ("5 evaluation samples: 2 are in the data, 1 similar pairs",
                         f'evaluated and trained on: {first}:1 "Mow THE lawn" (Garden) is ',
                         "evaluated, similar (0.67): "):
            self.assertIn(fragment, text)
        self.fail_with(1, "3 problems", "prepare", *arguments, "--strict")
        self.fail_with(1, "missing.jsonl", "prepare", "--data", data, "--evaluation",
                       self.folder / "missing.jsonl")
        self.assertNotIn("evaluation_overlap", self.prepare("--data", data))

    def test_near_duplicates_and_disagreements_by_embedding(self):
        rows = labelled_rows() + [
            {"title": "cutting the grass of the lawn", "label": "Garden"},  # line 37
            {"title": "prune the rose bushes", "label": "Music"},  # line 38: a wrong label
            {"title": "MOW the lawn!", "label": "Garden"},
            {"title": "mow the lawn", "label": "Garden"},
        ]
        data = self.write("data.jsonl", json_lines(rows))
        arguments = ("--data", data, "--embedding", "--near", 0.7, "--folds", 3)
        report = self.prepare(*arguments)
        found = report["embedding"]
        self.assertAlmostEqual(found["near_threshold"], 0.7, places=5)
        pairs = [(p["first"]["line"], p["second"]["line"]) for p in found["near_duplicates"]]
        self.assertIn((14, 38), pairs)
        # One text, or one listed by its words already, is not listed again.
        self.assertNotIn((16, 40), pairs)
        conflicts = [p["conflict"] for p in found["near_duplicates"]]
        self.assertEqual(conflicts, sorted(conflicts, reverse=True))
        self.assertTrue(conflicts[pairs.index((14, 38))])
        for pair in found["near_duplicates"]:
            self.assertGreaterEqual(pair["cosine"], 0.7)
            self.assertEqual(pair["conflict"],
                             pair["first"]["category"] != pair["second"]["category"])
        self.assertEqual(found["folds"], 3)
        wrong = {d["sample"]["line"]: d for d in found["disagreements"]}
        self.assertEqual(wrong[38]["expected"], "Garden")
        self.assertGreater(wrong[38]["confidence"], wrong[38]["given_confidence"])
        # Disagreements are opinions; of the near pairs only those across categories are problems.
        without = self.prepare("--data", data)
        self.assertNotIn("embedding", without)
        self.assertEqual(report["problems"], without["problems"] + sum(conflicts))
        text = self.succeed("prepare", *arguments).stdout.decode()
        for fragment in ("near conflict (", "samples that 3-fold cross-validation disagrees with",
                         "rather Garden: "):
            self.assertIn(fragment, text)
        self.assertEqual(self.prepare(*arguments), report)

    def test_embedding_options_that_make_no_sense(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        self.fail_with(2, "--near", "prepare", "--data", data, "--embedding", "--near", 1.5)
        self.fail_with(2, "--folds", "prepare", "--data", data, "--embedding", "--folds", 1)
        self.fail_with(1, "no_encoder.onnx", "prepare", "--data", data, "--embedding",
                       "--encoder", self.folder / "no_encoder.onnx")
        self.fail_with(1, "folds", "prepare", "--data", data, "--embedding", "--folds", 90)

    def test_a_folder_that_cannot_be_made(self):
        data = self.write("data.jsonl", json_lines(labelled_rows()))
        self.fail_with(1, "cannot make the folder", "prepare", "--data", data, "--out", data / "x")


if __name__ == "__main__":
    unittest.main()
