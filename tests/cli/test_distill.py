"""distill: reproducible, made from texts alone, and refused where it does not belong."""

import json
import unittest

from cli_case import OPEN_SET, TITLES, CliCase, Fixture, json_lines, labelled_rows


class Distill(CliCase):
    def arguments(self, out, *more):
        data = self.write("texts.jsonl", json_lines(labelled_rows()))
        return ("distill", "--data", data, "--out", out, "--dimension", 16, "--epochs", 2,
                "--threads", 1, *more)

    def test_the_same_seed_gives_the_same_bytes(self):
        once, again, other = (self.folder / name for name in ("once", "again", "other"))
        self.succeed(*self.arguments(once))
        self.succeed(*self.arguments(again))
        self.succeed(*self.arguments(other, "--seed", 2))
        self.assertEqual(once.read_bytes(), again.read_bytes())
        self.assertNotEqual(once.read_bytes(), other.read_bytes())

    def test_the_report_and_every_kind_of_text(self):
        lines = self.write("lines.txt", "".join(title + "\r\n" for title in OPEN_SET) + "\n \n")
        document = self.write("document.json", json.dumps(
            {"train": [[title, "x"] for title in TITLES["Music"]], "test": []}))
        rows = self.write("rows.csv", "title\n" + "".join(t + "\n" for t in TITLES["Garden"]))
        kept = self.write("split.jsonl", json_lines(
            [{"title": "read a book", "split": "calibration"}, {"title": "write a letter"}]))
        out = self.folder / "table"
        done, shown = self.succeed_on_terminal(
            "distill", "--data", lines, "--data", f"{document}#train", "--data",
            rows, "--data", kept, "--out", out, "--dimension", 8, "--bits", 4,
            "--epochs", 1, "--json")
        report = json.loads(done.stdout)
        self.assertEqual(report["texts"], len(OPEN_SET) + 12 + 12 + 1)
        self.assertEqual((report["dimension"], report["bits"], report["seed"]), (8, 4, 1))
        self.assertEqual(report["bytes"], out.stat().st_size)
        self.assertEqual(len(report["history"]), 2)
        self.assertGreater(report["used_rows"], 20_000)
        self.assertIn("embedding vocabulary [####", shown)

    def test_a_model_takes_its_own_table_alone(self):
        own, other = self.folder / "own", self.folder / "other"
        self.succeed(*self.arguments(own))
        self.succeed(*self.arguments(other, "--seed", 2))
        model = self.folder / "model.safetensors"
        self.succeed(*Fixture.training_arguments(model, "--token-table", own))
        predict = ("predict", "--model", model, "--title", "bake bread", "--json")
        for tier in ("instant", "full"):
            answer = json.loads(
                self.succeed(*predict, "--tier", tier, "--token-table", own).stdout)
            self.assertEqual(answer["tier"], tier)
            self.assertEqual(answer["suggestions"][0]["category"], "Cooking")
        for wrong in (other, "none"):
            self.fail_with(1, "token table with SHA-256", *predict, "--token-table", wrong)
        cut = self.write("cut", own.read_bytes()[:5000])
        self.fail_with(1, "cut: ", *predict, "--token-table", cut)
        self.fail_with(1, "token table", *predict, "--token-table", model)

    def test_a_model_without_a_table_needs_none(self):
        model = self.folder / "model.safetensors"
        self.succeed(*Fixture.training_arguments(model, "--token-table", "none"))
        for table in ("none", self.folder / "nowhere"):
            self.succeed("predict", "--model", model, "--tier", "instant", "--title", "bake bread",
                         "--token-table", table)

    def test_wrong_options(self):
        out = self.folder / "table"
        for more in (("--bits", 5), ("--dimension", 0), ("--epochs", -1), ("--seed", "x"),
                     ("--learning-rate", "nan")):
            with self.subTest(more=more):
                self.fail_with(2, more[0], *self.arguments(out, *more))
        texts = self.write("texts.jsonl", json_lines(labelled_rows()))
        self.fail_with(1, "dimension", "distill", "--data", texts, "--out", out, "--dimension", 15)
        self.fail_with(2, "--out", "distill", "--data", "x.json")
        empty = self.write("empty.txt", "\n\n")
        self.fail_with(1, "text", "distill", "--data", empty, "--out", out)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
