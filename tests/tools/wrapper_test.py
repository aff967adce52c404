"""tools/smartsynch with a fake compiler: what it prints, where it runs, when it sets up."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fake_project import FakeProject  # noqa: E402

CMAKE = 'echo "configuring $2"; mkdir -p "build/$2"; : > "build/$2/build.ninja"'
NINJA = """echo "ninja $*"
tool=$2/tools/cli/smartsynch
mkdir -p "${tool%/*}"
printf '#!/bin/sh\\npwd\\nprintf "[%%s]" "$@"\\necho "$SMARTSYNCH_HOME" >&2\\nexit 7\\n' > "$tool"
chmod +x "$tool"
"""


class WrapperTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.elsewhere = pathlib.Path(folder.name) / "else where"
        self.elsewhere.mkdir()
        self.project = FakeProject(folder.name)
        for name, script in (("cmake", CMAKE), ("ninja", NINJA)):
            self.project.fake(name, script)
        for name in ("g++", "python3"):
            self.project.fake(name, "exit 0")
        # The look at the machine passes, whatever headers it has.
        (self.project.root / "tools/setup/system_packages.txt").write_text("base cmd:g++ g++\n")
        self.project.mark_ready("native")

    def test_runs_the_tool_where_the_caller_is(self):
        for _ in range(2):
            result = self.project.run("smartsynch", "a b", "", "--x=*", cwd=self.elsewhere)
            self.assertEqual(result.stdout, f"{self.elsewhere}\n[a b][][--x=*]")
            self.assertEqual(result.stderr, f"{self.project.root}\n")
            self.assertEqual(result.returncode, 7)

    def test_works_through_links(self):
        links = self.elsewhere / "links"
        links.mkdir()
        (links / "one").symlink_to(self.project.root / "tools/smartsynch")
        (links / "two").symlink_to("one")
        (links / "tools").symlink_to(self.project.root / "tools")
        for path in (links / "two", links / "tools/smartsynch"):
            result = self.project.run(path, cwd=self.elsewhere)
            self.assertEqual(result.stderr, f"{self.project.root}\n")

    def test_a_failed_build_is_told_on_standard_error(self):
        self.project.fake("ninja", 'echo "FAILED: x.o"; echo "x.cpp:1: error: broken"; exit 1')
        result = self.project.run("smartsynch", "predict")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("x.cpp:1: error: broken", result.stderr)
        self.assertIn("build/native-release.log", result.stderr)

    def test_a_moved_project_is_configured_anew(self):
        build = self.project.root / "build/native-release"
        build.mkdir(parents=True)
        (build / "CMakeCache.txt").write_text("CMAKE_HOME_DIRECTORY:INTERNAL=/else\n")
        (build / "old").write_text("")
        self.project.run("smartsynch")
        self.assertFalse((build / "old").exists())

    def test_setup_runs_again_when_something_changed(self):
        setup = self.project.root / "tools/setup.sh"
        setup.write_text('#!/bin/sh\necho "setup $*"\nexit 1\n')
        result = self.project.run("smartsynch", "predict")
        self.assertIn("setup --native", result.stderr)
        os.utime(setup, (1, 1))
        self.assertEqual(self.project.run("smartsynch", "predict").returncode, 7)
        stamp = self.project.root / ".cache/setup/native.stamp"
        for content in (
            "/another/place\n",
            f"{self.project.root}\n{self.project.root}/absent\n",
            "",
        ):
            stamp.write_text(content)
            self.assertIn("setup --native", self.project.run("smartsynch", "predict").stderr)


if __name__ == "__main__":
    unittest.main()
