"""smartsynch_build_page with a fake npm: the page is built again only when one of its inputs changed."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fake_project import FakeProject  # noqa: E402

NPM = 'd="$2/dist"; mkdir -p "$d/demo"; for f in index.js node.js demo/index.html; do echo x >"$d/$f"; done'
INPUTS = ("web/src/a.ts", "web/demo/a.ts", "web/tools/a.mjs", "web/package.json", "models/base_model/a",
          "build/wasm-release/wasm/a.mjs", "build/wasm-release/wasm/a.wasm",
          "web/node_modules/.package-lock.json")


class PageBuildTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = FakeProject(folder.name)
        self.project.fake("npm", NPM)
        self.project.mark_ready("web")
        for name in INPUTS:
            path = self.project.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("1")
            os.utime(path, (1, 1))

    def build(self):
        home = self.project.root
        result = self.project.bash(f"source '{home}/tools/setup/build.sh'\nsmartsynch_build_page")
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr

    def test_is_built_again_only_after_a_change(self):
        self.assertEqual(self.build(), "building the page\n")
        self.assertEqual(self.build(), "")
        (self.project.root / "models/base_model/a").write_text("2")
        os.utime(self.project.root / "models/base_model/a", (4e9, 4e9))
        self.assertEqual(self.build(), "building the page\n")

    def test_a_build_alone_says_that_it_is_done(self):
        for name in ("cmake", "ninja", "g++", "python3", "emcc"):
            self.project.fake(name, "exit 0")
        (self.project.root / "tools/setup/system_packages.txt").write_text("base cmd:cmake cmake\n")
        self.project.mark_ready("web")
        result = self.project.run("demo.sh", "--build-only")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertEqual(result.stderr.splitlines()[-1], "demo: web/dist is ready")


if __name__ == "__main__":
    unittest.main()
