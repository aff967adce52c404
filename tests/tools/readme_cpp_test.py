"""The README's C++ example is the compiled one."""

import pathlib
import re
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ReadmeCpp(unittest.TestCase):
    def test_the_readme_shows_the_lines_that_are_compiled(self):
        source = (ROOT / "tests/readme/use_from_cpp.cpp").read_text(encoding="utf-8")
        compiled = re.search(r"// README begins\n(.*?)\n *// README ends", source, re.DOTALL)
        shown = re.search(
            r"<!-- tests/readme/use_from_cpp.cpp -->\n```cpp\n(.*?)\n```",
            (ROOT / "README.md").read_text(encoding="utf-8"),
            re.DOTALL,
        )
        self.assertIsNotNone(compiled)
        self.assertIsNotNone(shown)
        self.assertEqual(shown[1], textwrap.dedent(compiled[1]))


if __name__ == "__main__":
    unittest.main()
