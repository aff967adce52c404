"""Malformed rows: each is named by line and field, and skipped or, with --strict, the end."""

import json
import socket
import unittest

from cli_case import CliCase, Fixture, json_lines, labelled_rows

GOOD = '{"title": "bake bread", "label": "Cooking"}'

# A row, and what is said of it.
BAD_JSON_ROWS = [
    ('{"label": "Cooking"}', "title: found no title"),
    ('{"title": null, "label": "Cooking"}', "title: found null, expected a string"),
    ('{"title": 5, "label": "Cooking"}', "title: found 5, expected a string"),
    ('{"title": "x", "description": [], "label": "Cooking"}', "description: found an array"),
    ('{"title": "x"}', "category: found no category"),
    ('{"title": "x", "label": ""}', "label: found an empty category"),
    ('{"title": "x", "category": 3}', "category: found 3, expected a string"),
    ('{"title": "x", "label": "a", "confidence": null}', "confidence: found null, expected a number"),
    ('{"title": "x", "label": "a", "confidence": NaN}', 'confidence: found "NaN"'),
    ('{"title": "x", "label": "a", "confidence": 1.01}', "confidence: found 1.01, expected a number"),
    ('{"title": "x", "label": "a", "confidence": -1}', "confidence: found -1, expected a number"),
    ('{"title": "x", "label": "a", "confidence": "1"}', 'confidence: found "1", expected a number'),
    ('{"title": "x", "label": "a"', "row: found the end of the row"),
    ("title,label", 'row: found "title"'),
    ("[1, 2, 3]", "row: found an array of 3 values"),
    ('"x"', "row: found"),
]


class Rows(CliCase):
    def test_every_kind_is_named_and_skipped(self):
        for row, message in BAD_JSON_ROWS:
            with self.subTest(row=row):
                path = self.write("data.jsonl", f"{GOOD}\n\n{row}\n{GOOD}\n")
                done = self.succeed("prepare", "--data", path, "--json")
                self.assertIn(f"skipped {path}:3: {message}", done.stderr.decode())
                report = json.loads(done.stdout)
                self.assertEqual((report["samples"], report["malformed_rows"]), (2, 1))

    def test_strict_stops_at_the_first(self):
        path = self.write("data.jsonl", f"{GOOD}\n{{}}\n{{}}\n")
        for arguments in (("prepare",), ("evaluate", "--model", Fixture.model()),
                          ("train", "--out", self.folder / "m")):
            done = self.fail_with(1, f"{path}:2: title: ", *arguments, "--data", path, "--strict")
            self.assertEqual(done.stdout, b"")
            self.assertNotIn(":3:", done.stderr.decode())
        self.assertFalse((self.folder / "m").exists())

    def test_strict_prediction_answers_what_came_before(self):
        path = self.write("data.jsonl", f'{GOOD}\n{GOOD}\n{{"title": 1}}\n{GOOD}\n')
        done = self.fail_with(1, f"{path}:3: title: found 1", "predict", "--model", Fixture.model(),
                              "--tier", "instant", "--data", path, "--json", "--strict")
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_prediction_skips_and_counts(self):
        done = self.succeed("predict", "--model", Fixture.model(), "--tier", "instant", "--json",
                            stdin=f'{GOOD}\n{{"title": 1}}\nnonsense\n{{"title": "mow"}}\n')
        self.assertEqual(len(done.stdout.splitlines()), 2)
        message = done.stderr.decode()
        self.assertIn("standard input:2: title: found 1, expected a string", message)
        self.assertIn("standard input:3: row: ", message)
        self.assertIn("2 predicted, 2 malformed rows", message)

    def test_csv_rows(self):
        path = self.write("data.csv", "title,label,confidence\n"
                          '"a, quoted ""title""\nover two lines",Cooking,\n'
                          "short\n"
                          '"closed" early,Cooking,1\n'
                          "x,Cooking,much\n"
                          ",Cooking,1\n"
                          "last,Garden,0.5")
        done = self.succeed("prepare", "--data", path, "--json")
        report = json.loads(done.stdout)
        self.assertEqual((report["samples"], report["malformed_rows"]), (2, 4))
        message = done.stderr.decode()
        self.assertIn(f"{path}:4: row: found 1 fields, expected 3", message)
        self.assertIn(f"{path}:5: row: found text after a closing quote", message)
        self.assertIn(f'{path}:6: confidence: found "much", expected a number from 0 to 1', message)
        self.assertIn(f"{path}:7: title: found no word", message)

    def test_document_rows_have_their_own_line(self):
        path = self.write("data.json", '{\n "samples": [\n  {\n   "title": "a b",\n'
                          '   "category": "A"\n  },\n  {"title": 7, "category": "A"}\n ]\n}\n')
        done = self.succeed("prepare", "--data", path, "--json")
        self.assertIn(f"{path}:7: samples[1].title: found 7", done.stderr.decode())

    def test_a_file_without_a_usable_row_is_a_failure(self):
        model = Fixture.model()
        for name, content in (("empty", ""), ("blank", "\n \n"), ("header.csv", "title,label\n"),
                              ("bom", b"\xef\xbb\xbf"), ("all_bad.jsonl", "{}\n{}\n"),
                              ("none.json", '{"samples": []}')):
            path = self.write(name, content)
            with self.subTest(name=name):
                self.fail_with(1, "no usable row", "prepare", "--data", path)
                self.fail_with(1, "no usable row", "evaluate", "--model", model, "--data", path)
                self.fail_with(1, "no usable row", "train", "--data", path, "--out",
                               self.folder / "m")

    def test_an_input_that_cannot_be_read_on_is_a_failure(self):
        model = Fixture.model()
        for content in ("name,label\na,b\n", "title|label\na|b\n", '[{"title": "a"}]',
                        "title,label\n\"a,b\n", b"\xff\xfet\0i\0", '{\n"samples": 3}',
                        '{"samples": [{"title": "a", "label": "b"}'):
            path = self.write("data", content)
            with self.subTest(content=content):
                done = self.fail_with(1, f"cannot read on in {path}:", "prepare", "--data", path)
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
                self.fail_with(1, "the rest of the input cannot be read", "predict", "--model", model,
                               "--tier", "instant", "--data", path)

    def test_damaged_utf8_is_repaired_with_a_warning(self):
        path = self.write("data.csv", b"title,label\ncaf\xe9,Cooking\nna\xc3\xafve,Cooking\n")
        done = self.succeed("prepare", "--data", path, "--out", self.folder / "out")
        self.assertIn(f"warning: {path}:2: title: ", done.stderr.decode())
        self.assertNotIn(":3:", done.stderr.decode())
        rows = "".join(p.read_text(encoding="utf-8") for p in (self.folder / "out").iterdir())
        self.assertIn("caf\ufffd", rows)

    def test_a_huge_row_is_one_error(self):
        huge = json.dumps({"title": "x" * (4 << 20), "label": "Cooking"})
        path = self.write("data.jsonl", f"{GOOD}\n{huge}\n{GOOD}\n")
        done = self.succeed("prepare", "--data", path, "--json")
        self.assertIn(f"{path}:2: row: found a row longer than 1048576 bytes", done.stderr.decode())
        self.assertEqual(json.loads(done.stdout)["samples"], 2)

    def test_a_named_split_of_a_document(self):
        path = self.write("data.json", '{"train": [["mow the lawn", "Garden"]], "test": '
                          '[["bake bread", "Cooking"], ["rake leaves", "Garden"], ["x"]]}')
        done = self.succeed("prepare", "--data", path, "--split", "test", "--json")
        self.assertEqual(json.loads(done.stdout)["samples"], 2)
        self.assertIn("test[2]: found an array of 1 values", done.stderr.decode())
        self.fail_with(1, "val: found none", "prepare", "--data", path, "--split", "val")

    def test_unknown_fields_and_languages_are_no_error(self):
        rows = [
            {"title": "Приготовить борщ", "label": "Cooking", "tags": [{"title": 1}], "id": None},
            {"title": "庭に水をまく", "description": "朝 🌱", "label": "Garden"},
            {"title": "مارس البيانو", "label": "Music"},
        ]
        path = self.write("data.jsonl", json_lines(rows))
        done = self.succeed("prepare", "--data", path, "--json", "--strict")
        self.assertEqual(json.loads(done.stdout)["samples"], 3)
        self.assertEqual(done.stderr, b"")

    def test_every_verb_reads_standard_input(self):
        rows = json_lines(labelled_rows())
        path = self.write("rows.jsonl", rows)
        for verb in (("prepare",), ("evaluate", "--model", Fixture.model(), "--tier", "instant")):
            from_file = self.succeed(*verb, "--data", path, "--json")
            self.assertEqual(self.succeed(*verb, "--data", "-", "--json", stdin=rows).stdout,
                             from_file.stdout)
        out = self.folder / "m.safetensors"
        same = self.folder / "same.safetensors"
        few = ("--epochs", 1, "--folds", 2)
        self.succeed("train", "--data", path, "--out", same, *few)
        self.succeed("train", "--data", "-", "--out", out, *few, stdin=rows)
        self.assertEqual(out.read_bytes(), same.read_bytes())
        self.fail_with(1, "standard input has no usable row", "prepare", "--data", "-")
        done = self.succeed("prepare", "--data", "-", stdin=rows + "x\n")
        self.assertIn("skipped standard input:", done.stderr.decode())

    def test_standard_input_may_be_a_socket(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(json_lines(labelled_rows()).encode())
            ours.shutdown(socket.SHUT_WR)
            done = self.succeed("prepare", "--data", "-", "--json", stdin_file=theirs)
        self.assertEqual(json.loads(done.stdout)["samples"], len(labelled_rows()))


if __name__ == "__main__":
    unittest.main()
