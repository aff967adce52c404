"""The example that categorises a backlog, on a small one."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from server_case import PROGRAM, ROOT, predict_with_the_program

SCRIPT = ROOT / "tools" / "server" / "backlog" / "categorise_backlog.py"
TITLES = ["Fix login crash", "Design new logo", "", "Größe ändern 🚀", "Weekly team standup"]


class Backlog(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data, self.out = self.folder / "tasks.jsonl", self.folder / "out"

    def run_script(self, *arguments, program=PROGRAM):
        return subprocess.run(
            [sys.executable, SCRIPT, "--data", self.data, "--out", self.out, "--processes", "2",
             "--program", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def rows(self):
        return [json.loads(line) for part in sorted(self.out.glob("part-*.jsonl"))
                for line in part.read_text(encoding="utf-8").splitlines()]

    def test_every_row_keeps_its_place_and_gets_what_the_program_says(self):
        tasks = [{"id": i, "title": TITLES[i % len(TITLES)]} for i in range(1000)]
        lines = [json.dumps(task, ensure_ascii=False) for task in tasks]
        lines[10:10] = ["no json", "[1]", '{"title": 7}', '{"title": "x", "description": []}']
        self.data.write_text("\n".join(lines), encoding="utf-8")
        done = self.run_script("--shard-mib", "0.01")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["rows"], 1004)
        self.assertGreater(len(list(self.out.glob("part-*.jsonl"))), 3)
        rows = self.rows()
        self.assertEqual([row["error"] for row in rows[10:14]],
                         ["no JSON", "expected an object", "title: expected a string",
                          "description: expected a string"])
        del rows[10:14]
        self.assertEqual([row["id"] for row in rows], list(range(1000)))
        expected = predict_with_the_program(tasks[:5], "instant")
        self.assertEqual([row["prediction"] for row in rows], expected * 200)

    def test_an_interrupted_run_goes_on_with_what_is_missing(self):
        self.data.write_text('{"title": "a"}\n' * 100, encoding="utf-8")
        self.run_script("--shard-mib", "0.0005")
        parts = sorted(self.out.glob("part-*.jsonl"))
        whole = parts[1].read_bytes()
        parts[1].unlink()
        done = self.run_script("--shard-mib", "0.0005")
        self.assertEqual(json.loads(done.stdout)["parts_that_were_there"], len(parts) - 1)
        self.assertEqual(parts[1].read_bytes(), whole)
        self.assertEqual(list(self.out.glob("*.unfinished")), [])

    def test_a_program_that_fails_leaves_no_part(self):
        self.data.write_text('{"title": "a"}\n' * 10, encoding="utf-8")
        self.assertNotEqual(self.run_script(program="/bin/false").returncode, 0)
        self.assertEqual(list(self.out.glob("part-*.jsonl")), [])

    def test_an_empty_backlog_has_no_parts(self):
        self.data.write_text("")
        self.assertEqual(json.loads(self.run_script().stdout)["rows"], 0)


if __name__ == "__main__":
    unittest.main()
