"""The backlog example in a real Ray. Skipped where tools/setup/pinned_venv.sh ray has not run."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from server_case import PROGRAM, ROOT, predict_with_the_program

PYTHON = ROOT / ".cache" / "ray" / "bin" / "python"
SCRIPT = ROOT / "tools" / "server" / "backlog" / "ray_backlog.py"
TITLES = ["Fix login crash", "Design new logo", "Größe ändern 🚀", "Weekly team standup"]


@unittest.skipUnless(PYTHON.exists(), "Ray is not installed (tools/setup/pinned_venv.sh ray)")
class RayTest(unittest.TestCase):
    def test_every_row_keeps_its_place_and_gets_what_the_program_says(self):
        with tempfile.TemporaryDirectory(prefix="smartsynch_ray_") as name:
            folder = pathlib.Path(name)
            tasks = [{"id": i, "title": TITLES[i % 4]} for i in range(2000)]
            lines = [json.dumps(task, ensure_ascii=False) for task in tasks]
            lines[10:10] = ["no json", '{"title": 7}']
            (folder / "tasks.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
            done = subprocess.run(
                [PYTHON, SCRIPT, "--data", folder / "tasks.jsonl", "--out", folder / "out",
                 "--program", PROGRAM, "--batch-rows", "300", "--blocks", "3"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=500,
                env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": name})
            self.assertEqual(done.returncode, 0, done.stderr.decode()[-4000:])
            self.assertEqual(json.loads(done.stdout.splitlines()[-1])["rows"], 2002)
            rows = [json.loads(line) for part in sorted((folder / "out").glob("part-*.jsonl"))
                    for line in part.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([row["error"] for row in rows[10:12]],
                         ["no JSON", "title: expected a string"])
        del rows[10:12]
        self.assertEqual([row["id"] for row in rows], list(range(2000)))
        expected = predict_with_the_program(tasks[:4], "instant")
        self.assertEqual([row["prediction"] for row in rows], expected * 500)


if __name__ == "__main__":
    unittest.main()
