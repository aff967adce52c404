"""train: reproducible, resumable, and never a damaged model file."""

import json
import os
import pathlib
import resource
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, ROOT, CliCase, Fixture, json_lines, labelled_rows, run


class Train(CliCase):
    def test_the_same_seed_gives_the_same_bytes(self):
        again = self.folder / "again.safetensors"
        other = self.folder / "other.safetensors"
        self.succeed(*Fixture.training_arguments(again, "--threads", 1))
        self.succeed(*Fixture.training_arguments(other, "--seed", 2))
        self.assertEqual(Fixture.model().read_bytes(), again.read_bytes())
        self.assertNotEqual(Fixture.model().read_bytes(), other.read_bytes())

    def test_the_report(self):
        out = self.folder / "m.safetensors"
        rows = self.write("held_out.jsonl", json_lines(labelled_rows()[::5]))
        done = self.succeed(*Fixture.training_arguments(out, "--json", "--validation-data", rows))
        report = json.loads(done.stdout)
        self.assertEqual(report["samples"], len(labelled_rows()))
        self.assertEqual(report["held_out"]["n"], len(labelled_rows()))
        self.assertEqual(report["validation"]["n"], len(labelled_rows()[::5]))
        self.assertGreater(report["held_out"]["accuracy"], 0.5)
        predicted = self.succeed("predict", "--model", out, "--title", "bake", "--json").stdout
        self.assertEqual(json.loads(predicted)["modelVersion"], report["model_version"])
        self.assertEqual([p.name for p in self.folder.iterdir() if p.suffix == ".safetensors"],
                         ["m.safetensors"])

    def test_says_that_it_will_select_nothing_by_itself(self):
        data = self.write("few.jsonl", json_lines(labelled_rows()))
        said = {}
        for precision in ("0.99", "0"):
            done = self.succeed("train", "--data", data, "--out", self.folder / "m", "--epochs", 8,
                                "--folds", 3, "--precision", precision, "--json")
            said[precision] = (json.loads(done.stdout)["held_out"]["auto_select"]["coverage"],
                               "selects nothing by itself" in done.stderr.decode())
        self.assertEqual(said["0.99"], (0, True))
        self.assertGreater(said["0"][0], 0)
        self.assertFalse(said["0"][1])

    def test_weights_count(self):
        rows = labelled_rows()
        for row in rows[::2]:
            row["confidence"] = 0.1
        out = self.folder / "m.safetensors"
        data = self.write("weighted.jsonl", json_lines(rows))
        self.succeed("train", "--data", data, "--out", out, "--epochs", 8, "--folds", 3)
        self.assertNotEqual(out.read_bytes(), Fixture.model().read_bytes())

    def test_members_make_the_head_wider(self):
        data = self.write("few.jsonl", json_lines(labelled_rows()))
        sizes = []
        for members in (1, 2, 3):
            out = self.folder / "m.safetensors"
            self.succeed("train", "--data", data, "--out", out, "--epochs", 2, "--folds", 2,
                         "--members", members)
            sizes.append(out.stat().st_size)
        hidden = 4 * 128 * (384 + 1)  # bytes of one head's hidden layer at least
        self.assertGreater(sizes[1] - sizes[0], hidden)
        self.assertAlmostEqual(sizes[2] - sizes[1], sizes[1] - sizes[0], delta=100)

    def test_few_rows_get_more_epochs_unless_the_schedule_is_given(self):
        data = self.write("few.jsonl", json_lines(labelled_rows()))
        out = self.folder / "m.safetensors"

        def epochs(*more):
            done = self.succeed("train", "--data", data, "--out", out, "--folds", 2, "--members", 1,
                                "--json", *more)
            return json.loads(done.stdout)["epochs"]

        steps = -(-len(labelled_rows()) // 32)
        self.assertEqual(epochs("--least-steps", 30 * steps), 30)
        self.assertEqual(epochs("--epochs", 2, "--least-steps", 7 * steps), 7)
        self.assertLessEqual(epochs("--least-steps", 0), 24)
        for given in (("--epochs", 3), ("--epochs", 3, "--patience", 2),
                      ("--epochs", 3, "--learning-rate", 0.01)):
            self.assertLessEqual(epochs(*given), 3)

    def test_an_interrupted_run_leaves_the_old_file_and_can_be_resumed(self):
        out = self.write("model.safetensors", b"the old model")
        checkpoints = self.folder / "checkpoints"
        arguments = Fixture.training_arguments(out, "--checkpoint-dir", checkpoints)
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)})
        self.addCleanup(process.kill)
        self.addCleanup(process.stderr.close)
        deadline = time.monotonic() + 120
        while not (checkpoints.is_dir() and any(checkpoints.iterdir())):
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(process.poll(), "training ended before it could be interrupted")
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=120)
        message = process.stderr.read().decode()
        self.assertEqual(code, 1, message)
        self.assertIn("cancelled", message)
        self.assertEqual(out.read_bytes(), b"the old model")

        self.succeed(*arguments, "--resume")
        self.assertEqual(out.read_bytes(), Fixture.model().read_bytes())

    def test_damaged_checkpoints_are_ignored(self):
        out = self.folder / "model.safetensors"
        checkpoints = self.folder / "checkpoints"
        checkpoints.mkdir()
        for name in ("validation", "fold-1", "final"):
            (checkpoints / f"{name}.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
        self.succeed(*Fixture.training_arguments(out, "--checkpoint-dir", checkpoints, "--resume"))
        self.assertEqual(out.read_bytes(), Fixture.model().read_bytes())

    def test_a_write_that_fails_leaves_the_old_file(self):
        for ignore_signal in (True, False):
            with self.subTest(ignore_signal=ignore_signal):
                out = self.write("model.safetensors", b"the old model")

                def limit():
                    # No file may grow beyond this; the model is larger. Ignored, the signal leaves
                    # a failing write; else it kills the program in the middle of one.
                    if ignore_signal:
                        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                    else:
                        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

                done = run(*Fixture.training_arguments(out), preexec_fn=limit)
                self.assertEqual(out.read_bytes(), b"the old model")
                if ignore_signal:
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(b"model.safetensors: File too large", done.stderr)
                    self.assertEqual([p.name for p in self.folder.iterdir()], ["model.safetensors"])
                else:
                    self.assertEqual(done.returncode, -signal.SIGXFSZ)

    def test_a_folder_that_is_not_there(self):
        self.fail_with(1, "No such file", *Fixture.training_arguments(self.folder / "no" / "m"))

    def test_the_mode_and_the_link_of_an_old_file_stay(self):
        target = self.write("target.safetensors", b"old")
        target.chmod(0o640)
        link = self.folder / "link.safetensors"
        link.symlink_to(target)
        self.succeed(*Fixture.training_arguments(link))
        self.assertTrue(link.is_symlink())
        self.assertEqual(target.read_bytes(), Fixture.model().read_bytes())
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)

    def test_the_smallest_data_sets(self):
        out = self.folder / "m.safetensors"
        few = ("--out", out, "--epochs", 2, "--folds", 2)
        one = [{"title": "bake", "label": "Cooking"}]
        for other in ({"title": "mow", "label": "Garden"}, {"title": "fry", "label": "Cooking"}):
            data = self.write("few.jsonl", json_lines([*one, other]))
            self.succeed("train", "--data", data, *few)
            done = self.succeed("predict", "--model", out, "--title", "bake", "--json")
            self.assertEqual(json.loads(done.stdout)["suggestions"][0]["category"], "Cooking")
        data = self.write("one.jsonl", json_lines(one))
        self.fail_with(1, "has one sample, expected at least two", "train", "--data", data, *few)

    def test_repeated_samples_are_pointed_out(self):
        rows = labelled_rows()
        rows.append({"title": rows[0]["title"].upper(), "label": "Music"})
        done = self.succeed("train", "--data", self.write("d.jsonl", json_lines(rows)), "--out",
                            self.folder / "m", "--epochs", 2, "--folds", 2)
        self.assertIn("1 samples repeat another one, 1 of them with another category",
                      done.stderr.decode())

    def test_safetensors_header(self):
        content = Fixture.model().read_bytes()
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        metadata = header.pop("__metadata__")
        self.assertTrue(all(isinstance(value, str) for value in metadata.values()))
        self.assertEqual(max(t["data_offsets"][1] for t in header.values()),
                         len(content) - 8 - length)
        self.assertNotIn(str(pathlib.Path.home()), json.dumps(metadata))


if __name__ == "__main__":
    unittest.main()
