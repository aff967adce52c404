"""README.md's tables of measurements are those of the committed results, untouched by hand."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))

import readme_table  # noqa: E402

BROWSER = {
    "machine": "A processor, 2 cores",
    "date": "2026-11-25",
    "browser": "Chromium 156",
    "peer": "Another",
    "load": 0.5,
    "ratio": "ours / peer",
    "rows": [
        {
            "what": "a | b",
            "ours": 0.04,
            "peer": 9.5,
            "unit": "ms",
            "ratio": 0.0042,
            "goal": "at most 0.1 ms",
        },
        {"what": "alone", "ours": 12345.6, "peer": None, "unit": "s", "ratio": None, "goal": ""},
    ],
}
NATIVE = {
    "machine": "M",
    "date": "2026-11-25",
    "rows": [{"what": "embedding", "ours": 2000, "peer": 1000, "ratio": 2.0, "goal": 1.5}],
}
PEERS = {
    "machine": "M",
    "date": "2026-11-25",
    "methods": [
        {"set": "b", "method": "SmartSynch", "accuracy": 94.5, "macro_f1": 94.4},
        {"set": "b", "method": "another", "accuracy": 90.0, "macro_f1": 89.9},
        {"set": "a", "method": "another", "accuracy": 80.0, "macro_f1": 79.0},
    ],
}
EMPTY = "# Title\n<!-- bench: {0} -->\n<!-- end of bench: {0} -->\nend\n"


class ReadmeTableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.readme = self.folder / "README.md"

    def test_methods_on_sets(self):
        table = readme_table.methods_table(PEERS)
        self.assertIn("| | a | b |\n", table)
        self.assertIn("| another | 80 | 90 |\n| SmartSynch |  | 94.5 |\n", table)

    def run_main(self, *arguments):
        places = ["--readme", str(self.readme), "--results", str(self.folder)]
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            status = readme_table.main([*arguments, *places])
        return status, errors.getvalue()

    def put(self, name, result):
        text = result if isinstance(result, str) else json.dumps(result)
        (self.folder / f"{name}.json").write_text(text, encoding="utf-8")

    def test_the_readme_shows_the_committed_results(self):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            status = readme_table.main(["--check"])
        self.assertEqual((status, errors.getvalue()), (0, ""))

    def test_the_readme_has_a_block_for_the_browser(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn("browser", [match["name"] for match in readme_table.BLOCK.finditer(readme)])

    def test_writes_between_the_markers_and_nowhere_else(self):
        self.put("browser", BROWSER)
        self.readme.write_text(EMPTY.format("browser"), encoding="utf-8")
        self.assertEqual(self.run_main(), (0, ""))
        made = self.readme.read_text(encoding="utf-8")
        self.assertTrue(made.startswith("# Title\n<!-- bench: browser -->\nMeasured 2026-11-25, "))
        self.assertTrue(made.endswith("<!-- end of bench: browser -->\nend\n"))
        self.assertIn("Chromium 156, load average before it 0.5.", made)
        self.assertIn("| | SmartSynch | Another | ours / peer | goal |", made)
        self.assertIn("| a \\| b | 0.04 ms | 9.5 ms | 0.0042 | at most 0.1 ms |", made)
        self.assertIn("| alone | 12,346 s |  |  |  |", made)
        self.assertEqual(self.run_main("--check"), (0, ""))

    def test_takes_the_native_bench_as_well(self):
        self.put("native", NATIVE)
        self.readme.write_text(EMPTY.format("native"), encoding="utf-8")
        self.run_main()
        made = self.readme.read_text(encoding="utf-8")
        self.assertIn("times as fast", made)
        self.assertIn("| embedding | 2,000 | 1,000 | 2 | at least 1.5 |", made)

    def test_notices_a_figure_that_was_changed_by_hand(self):
        self.put("browser", BROWSER)
        self.readme.write_text(EMPTY.format("browser"), encoding="utf-8")
        self.run_main()
        made = self.readme.read_text(encoding="utf-8")
        self.readme.write_text(made.replace("0.04 ms", "0.03 ms"), encoding="utf-8")
        status, errors = self.run_main("--check")
        self.assertEqual(status, 1)
        self.assertIn("differs", errors)
        self.assertIn("0.03 ms", self.readme.read_text(encoding="utf-8"))

    def test_names_the_result_that_is_missing_or_damaged(self):
        self.readme.write_text(EMPTY.format("browser"), encoding="utf-8")
        for text in (None, "", "[]", "{}", '{"date": 1, "machine": "", "rows": [{}]}'):
            if text is not None:
                self.put("browser", text)
            status, errors = self.run_main()
            self.assertEqual(status, 1, text)
            self.assertIn("browser.json", errors)
        self.assertEqual(self.readme.read_text(encoding="utf-8"), EMPTY.format("browser"))


if __name__ == "__main__":
    unittest.main()
