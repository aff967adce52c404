"""Every verb that writes, killed before each call that changes a file: what is there afterwards is
the old state or the new one, file by file, and the same command then ends as if nothing had been.

Built by the target kill_at_write of the release build; skipped without it. Training is killed when
SMARTSYNCH_INTERRUPT_TRAINING is set, for every kill trains twice.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from cli_case import PROGRAM, ROOT, CliCase, Fixture, json_lines, labelled_rows

LIBRARY = pathlib.Path(
    os.environ.get("SMARTSYNCH_KILL_AT_WRITE")
    or ROOT / "build/native-release/tests/cli/libkill_at_write.so"
)
# A file that WriteFileAtomically() has not renamed yet: left behind by a power cut, and ignored.
TEMPORARY = re.compile(r"\.[A-Za-z0-9]{6}$")
MOST_STEPS = 500


@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is missing: build the target kill_at_write")
class InterruptedWrites(CliCase):
    def state(self, folder):
        """Every file's bytes by its path, temporary ones left out."""
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not TEMPORARY.search(path.name)
        }

    def run_in(self, folder, arguments, kill_at=0):
        environment = {
            **os.environ,
            "SMARTSYNCH_HOME": str(folder / "home"),
            "SMARTSYNCH_RUNS": str(folder / "runs"),
            "SMARTSYNCH_KILL_AT": str(kill_at),
            "LD_PRELOAD": str(LIBRARY),
        }
        return subprocess.run(
            [PROGRAM, *arguments], cwd=folder, env=environment, capture_output=True, timeout=300,
            check=False)

    def check(self, old, arguments, same=lambda state: state):
        """Kills the command at every step, beginning in a copy of the folder `old`.

        `same`: what of a state counts, without the times of day that differ from run to run.
        """
        before = same(self.state(old))
        whole = self.folder / "whole"
        shutil.copytree(old, whole, symlinks=True)
        done = self.run_in(whole, arguments)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        after = same(self.state(whole))
        self.assertNotEqual(before, after)
        killed = 0
        for step in range(1, MOST_STEPS):
            folder = self.folder / "killed"
            shutil.copytree(old, folder, symlinks=True)
            done = self.run_in(folder, arguments, kill_at=step)
            if done.returncode == 0:  # it has fewer steps
                shutil.rmtree(folder)
                break
            self.assertEqual(done.returncode, -9, done.stderr.decode())
            killed += 1
            for name, content in same(self.state(folder)).items():
                with self.subTest(step=step, file=name):
                    self.assertIn(content, (before.get(name), after.get(name)))
            again = self.run_in(folder, arguments)
            self.assertEqual(again.returncode, 0, f"step {step}: {again.stderr.decode()}")
            self.assertEqual(same(self.state(folder)), after, f"step {step}")
            shutil.rmtree(folder)
        self.assertGreater(killed, 5)
        print(f"{' '.join(map(str, arguments[:2]))}: killed at {killed} steps", flush=True)

    def start(self):
        """A folder with data, a model and a home whose base model that is."""
        old = self.folder / "old"
        base = old / "home/models/base_model"
        base.mkdir(parents=True)
        for name in ("vocab.txt", "token_table.safetensors", "encoder.onnx"):
            (base / name).symlink_to(ROOT / "models/base_model" / name)
        shutil.copyfile(Fixture.model(), base / "model.safetensors")
        (old / "data.jsonl").write_text(json_lines(labelled_rows()), encoding="utf-8")
        return old

    def other_model(self, path):
        self.succeed(*Fixture.training_arguments(path, "--seed", 2))
        return path

    def test_prepare(self):
        old = self.start()
        (old / "out").mkdir()
        (old / "out/train.jsonl").write_text("old\n", encoding="utf-8")
        self.check(old, ["prepare", "--data", "data.jsonl", "--out", "out"])

    def test_models_add(self):
        old = self.start()
        self.other_model(old / "other.safetensors")
        self.check(old, ["models", "add", "other.safetensors"], same=self.without_times)

    def test_models_activate(self):
        old = self.start()
        self.other_model(old / "other.safetensors")
        added = self.run_in(old, ["models", "add", "other.safetensors", "--json"])
        self.assertEqual(added.returncode, 0, added.stderr.decode())
        version = json.loads(added.stdout)["version"]
        self.check(old, ["models", "activate", version], same=self.without_times)

    @staticmethod
    def without_times(state):
        """The catalog's times of day differ from run to run."""
        return {
            name: re.sub(rb'"added": [0-9]+', b'"added": 0', content)
            for name, content in state.items()
        }

    @unittest.skipUnless(os.environ.get("SMARTSYNCH_INTERRUPT_TRAINING"), "for tools/test.sh --long")
    def test_train(self):
        old = self.start()
        shutil.copyfile(Fixture.model(), old / "out.safetensors")
        arguments = ["train", "--data", "data.jsonl", "--out", "out.safetensors", "--epochs", "2",
                     "--folds", "2", "--seed", "5", "--checkpoint-dir", "checkpoints"]
        self.check(old, arguments,
                   same=lambda state: {"out.safetensors": state["out.safetensors"]})


if __name__ == "__main__":
    unittest.main()
