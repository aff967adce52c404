"""The installed C++ package: found by another project, and its answer is the README's."""

import os
import pathlib
import subprocess
import unittest

from cli_case import ROOT, CliCase

BUILD = pathlib.Path(os.environ.get("SMARTSYNCH_BUILD", ROOT / "build" / "native-release"))


class Install(CliCase):
    def command(self, *arguments):
        done = subprocess.run([str(part) for part in arguments], capture_output=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done.stdout.decode()

    def configure(self, prefix, *more):
        return ["cmake", "-S", ROOT / "tests/cli/outside_project", "-B", self.folder / "build",
                f"-DCMAKE_PREFIX_PATH={prefix}",
                f"-DREADME_EXAMPLE={ROOT / 'tests/readme/use_from_cpp.cpp'}", *more]

    def test_an_outside_project_finds_and_uses_it(self):
        staged, prefix = self.folder / "staged", self.folder / "prefix"
        self.command("cmake", "--install", BUILD, "--prefix", staged)
        staged.rename(prefix)  # a package may not remember where it was first put
        self.command(*self.configure(prefix))
        self.command("cmake", "--build", self.folder / "build")
        models = pathlib.Path((self.folder / "build/model_dir.txt").read_text(encoding="utf-8"))
        self.assertEqual(models, prefix / "share/smartsynch/base_model")
        answer = self.command(self.folder / "build/categorise", models / "model.safetensors",
                              models / "vocab.txt", models / "token_table.safetensors")
        self.assertIn('"category":"Development"', answer)

    def test_a_version_that_may_differ_is_refused(self):
        prefix = self.folder / "prefix"
        self.command("cmake", "--install", BUILD, "--prefix", prefix)
        done = subprocess.run([str(part) for part in self.configure(prefix, "-DWANTED=0.2")],
                              capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("requested version \"0.2\"", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
