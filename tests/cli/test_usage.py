"""Exit codes, help, and where messages go."""

import unittest

from cli_case import CliCase, Fixture, run

VERBS = ("prepare", "train", "evaluate", "predict")


class Usage(CliCase):
    def test_wrong_usage_exits_with_2_and_says_why(self):
        cases = [
            ((), "A subcommand is required"),
            (("forecast",), 'unknown verb "forecast"'),
            (("predict", "--colour"), "--colour"),
            (("predict", "--title", "a", "--data", "b"), "--title"),
            (("predict", "--description", "a"), "--title"),
            (("predict", "a.csv", "--title", "b"), "--title"),
            (("predict", "--title", "a", "--tier", "slow"), "--tier: slow not in {full,instant}"),
            (("predict", "--title", "a", "--tier", "1"), "--tier: 1 not in {full,instant}"),
            (("predict", "--title", "a", "--threads", "0"), "--threads"),
            (("predict", "--title", "a", "--threads", "many"), "--threads"),
            (("evaluate",), "--data"),
            (("prepare",), "--data"),
            (("prepare", "--data", "a", "--validation", "2"), "--validation"),
            (("train", "--data", "a"), "--out"),
            (("train", "--data", "a", "--out", "b", "--epochs", "0"), "--epochs"),
            (("train", "--data", "a", "--out", "b", "--epochs", "-3"), "--epochs"),
            (("train", "--data", "a", "--out", "b", "--least-steps", "-1"), "--least-steps"),
            (("train", "--data", "a", "--out", "b", "--members", "0"), "--members"),
            (("train", "--data", "a", "--out", "b", "--members", "17"), "--members"),
            (("cross-validate", "--data", "a", "--members", "0"), "--members"),
            (("train", "--data", "a", "--out", "b", "--dropout", "1"), "--dropout"),
            (("train", "--data", "a", "--out", "b", "--folds", "1"), "--folds"),
            (("train", "--data", "a", "--out", "b", "--learning-rate", "nan"), "--learning-rate"),
            (("train", "--data", "a", "--out", "b", "--seed", "x"), "--seed"),
            (("train", "--data", "a", "--out", "b", "--resume"), "--checkpoint-dir"),
        ]
        for arguments, fragment in cases:
            with self.subTest(arguments=arguments):
                done = self.fail_with(2, fragment, *arguments)
                self.assertEqual(done.stdout, b"")

    def test_help_and_version_exit_with_0(self):
        self.assertIn(b"predict", self.succeed("--help").stdout)
        self.assertRegex(self.succeed("--version").stdout, rb"smartsynch \d+\.\d+\.\d+")
        for verb in VERBS:
            help_text = self.succeed(verb, "--help").stdout.decode()
            for option in ("--json", "--strict", "--help"):
                self.assertIn(option, help_text, verb)

    def test_files_that_are_not_there_or_not_readable(self):
        model = Fixture.model()
        for arguments in (
            ("prepare", "--data", "nowhere.json"),
            ("evaluate", "--model", model, "--data", "nowhere.json"),
            ("predict", "--model", model, "--data", "nowhere.json"),
            ("predict", "--model", "nowhere.json", "--title", "x"),
            ("predict", "--model", model, "--title", "x", "--encoder", "nowhere.json"),
            ("predict", "--model", model, "--title", "x", "--vocabulary", "nowhere.json"),
            ("predict", "--model", model, "--title", "x", "--token-table", "nowhere.json"),
            ("distill", "--data", "nowhere.json", "--out", self.folder / "t"),
            ("distill", "--data", "nowhere.json#train", "--out", self.folder / "t"),
            ("train", "--data", "nowhere.json", "--out", self.folder / "m"),
        ):
            with self.subTest(arguments=arguments):
                self.fail_with(1, "nowhere.json: No such file", *arguments)
        self.fail_with(1, "Is a directory", "prepare", "--data", self.folder)

    def test_a_model_encoder_or_vocabulary_that_does_not_fit_is_refused(self):
        model = Fixture.model()
        bytes_of_model = model.read_bytes()
        garbage = self.write("garbage", b"not a model")
        cut = self.write("cut.safetensors", bytes_of_model[: len(bytes_of_model) // 2])
        repeated = self.write("repeated.txt", "hello\nhello\n")
        other = self.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n")
        self.fail_with(1, "garbage", "predict", "--model", garbage, "--title", "x")
        self.fail_with(1, "cut.safetensors", "predict", "--model", cut, "--title", "x")
        self.fail_with(1, "garbage", "predict", "--model", model, "--title", "x", "--encoder", garbage)
        self.fail_with(1, "vocabulary", "predict", "--model", model, "--title", "x",
                       "--vocabulary", other)
        self.fail_with(1, "repeated.txt", "predict", "--model", model, "--title", "x",
                       "--vocabulary", repeated)

    def test_a_flipped_bit_of_the_model_is_noticed(self):
        content = bytearray(Fixture.model().read_bytes())
        content[-200] ^= 0x40
        damaged = self.write("damaged.safetensors", bytes(content))
        self.fail_with(1, "damaged.safetensors", "predict", "--model", damaged, "--title", "x")

    def test_nothing_to_predict_on_a_terminal_is_wrong_usage(self):
        import os
        import pty

        controller, terminal = pty.openpty()
        self.addCleanup(os.close, controller)
        self.addCleanup(os.close, terminal)
        done = run("predict", "--model", Fixture.model(), stdin_file=terminal)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"nothing to predict", done.stderr)


if __name__ == "__main__":
    unittest.main()
