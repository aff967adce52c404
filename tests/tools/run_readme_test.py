"""tests/readme/run_readme.py runs marked blocks, and only those, without touching the project."""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "readme"))

import run_readme  # noqa: E402


def marked(commands):
    return f"<!-- test -->\n```sh\n{commands}\n```\n"


class RunReadmeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "data").mkdir()
        (self.root / "data/rows.txt").write_text("rows\n")
        (self.root / "tools").mkdir()
        (self.root / "tools/hello").write_text("hello\n")
        for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
            identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
            subprocess.run(["git", "-C", str(self.root), *identity, *arguments], check=True)

    def run_text(self, text):
        readme = self.root / "README.md"
        readme.write_text(text)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            counts = run_readme.run(readme, self.root)
        return counts, output.getvalue()

    def test_runs_marked_blocks_in_order(self):
        text = marked("grep -q hello tools/hello\necho x > made") + "\n" + marked("grep -q x made")
        self.assertEqual(self.run_text(text)[0], (2, 0))

    def test_the_run_log_stays_in_the_folder(self):
        self.assertEqual(self.run_text(marked('[[ $SMARTSYNCH_RUNS == "$PWD"/* ]]'))[0], (1, 0))

    def test_leaves_unmarked_blocks_alone(self):
        text = "```sh\nexit 7\n```\n" + marked("true") + "```ts\nexit 7\n```\n"
        self.assertEqual(self.run_text(text)[0], (1, 0))

    def test_counts_a_failing_block_and_goes_on(self):
        counts, output = self.run_text(marked("false\ntrue") + marked("true"))
        self.assertEqual(counts, (1, 1))
        self.assertIn("README.md:3: exit status 1", output)

    def test_a_failure_within_a_pipe_counts(self):
        self.assertEqual(self.run_text(marked("false | cat"))[0], (0, 1))

    def test_writing_into_data_reaches_a_copy(self):
        counts, _ = self.run_text(marked("echo more >> data/rows.txt"))
        self.assertEqual(counts, (1, 0))
        self.assertEqual((self.root / "data/rows.txt").read_text(), "rows\n")

    def test_a_change_of_the_project_is_a_failure(self):
        counts, output = self.run_text(marked("echo more >> tools/hello"))
        self.assertEqual(counts, (1, 1))
        self.assertIn("tools/hello", output)

    def test_nothing_to_run_is_a_failure(self):
        self.assertEqual(self.run_text("no block\n")[0], (0, 1))
        self.assertEqual(
            self.run_text("<!-- test -->\ntext between\n```sh\ntrue\n```\n")[0], (0, 1)
        )
        missing = self.root / "absent.md"
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(run_readme.run(missing, self.root), (0, 1))


if __name__ == "__main__":
    unittest.main()
