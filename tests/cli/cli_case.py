"""What the tests of the command line program share: running it, and a small model made by it.

SMARTSYNCH_CLI names the program (default: that of the release build). Standard library only.
"""

import atexit
import json
import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SMARTSYNCH_CLI") or str(
    ROOT / "build" / "native-release" / "tools" / "cli" / "smartsynch"
)

# Few and plain, so that training takes a moment; quality is not what is tested here.
TITLES = {
    "Cooking": [
        "bake sourdough bread", "boil eggs for the salad", "cook the lentil soup",
        "try the new curry recipe", "roast vegetables", "make pancakes for breakfast",
        "prepare dough for pizza", "grill the fish", "season the stew", "bake an apple pie",
        "fry onions and garlic", "cook rice for six people",
    ],
    "Garden": [
        "water the tomatoes", "prune the roses", "plant tulip bulbs", "mow the lawn",
        "weed the vegetable bed", "rake the leaves", "sow carrots and peas", "trim the hedge",
        "turn the compost heap", "repot the fig tree", "pick the ripe plums", "build a trellis",
    ],
    "Music": [
        "practise scales on the piano", "tune the guitar", "learn the second violin part",
        "record a demo of the song", "rehearse with the choir", "write lyrics for the bridge",
        "restring the bass", "transcribe the trumpet solo", "print the sheet music",
        "mix the drum tracks", "book a piano tuner", "sing through the new hymn",
    ],
}
OPEN_SET = [
    "renew the passport", "pay the electricity bill", "call the dentist", "buy winter tyres",
    "return the parcel", "file the tax form", "change the light bulb", "order contact lenses",
    "wash the car", "cancel the gym contract",
]


def run(*arguments, stdin=b"", **options):
    """Runs the program; output as bytes."""
    Fixture.folder()
    environment = {**os.environ, "SMARTSYNCH_HOME": str(ROOT)}
    if "stdin_file" in options:
        source = {"stdin": options.pop("stdin_file")}
    else:
        source = {"input": stdin if isinstance(stdin, bytes) else stdin.encode()}
    options.setdefault("timeout", 300)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, env=environment, **source,
        **options
    )


def json_lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def labelled_rows():
    return [
        {"title": title, "label": label} for label, titles in TITLES.items() for title in titles
    ]


class Fixture:
    """A folder that lives as long as the tests, with a data set and a model trained on it."""

    _folder = None

    @classmethod
    def folder(cls):
        if cls._folder is None:
            cls._folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_cli_"))
            atexit.register(shutil.rmtree, cls._folder, True)
            # No test writes into the project's own run log.
            os.environ["SMARTSYNCH_RUNS"] = str(cls._folder / "runs")
            (cls._folder / "data.jsonl").write_text(json_lines(labelled_rows()), encoding="utf-8")
            (cls._folder / "open.jsonl").write_text(
                json_lines({"title": title} for title in OPEN_SET), encoding="utf-8"
            )
        return cls._folder

    @classmethod
    def training_arguments(cls, out, *more):
        folder = cls.folder()
        return ("train", "--data", folder / "data.jsonl", "--open-set", folder / "open.jsonl",
                "--out", out, "--epochs", 8, "--folds", 3, *more)

    @classmethod
    def model(cls):
        path = cls.folder() / "model.safetensors"
        if not path.exists():
            done = run(*cls.training_arguments(path))
            if done.returncode != 0:
                raise AssertionError(f"training the model failed: {done.stderr.decode()}")
        return path


class CliCase(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_cli_"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def succeed(self, *arguments, **options):
        """The run, which must exit with 0."""
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done

    def succeed_on_terminal(self, *arguments):
        """The run, which must exit with 0; also what it showed on a terminal's standard error."""
        controller, terminal = pty.openpty()
        shown = []
        reader = threading.Thread(target=self._read_terminal, args=(controller, shown))
        reader.start()
        try:
            done = run(*arguments, stderr=terminal)
        finally:
            os.close(terminal)
            reader.join()
            os.close(controller)
        text = b"".join(shown).decode(errors="replace")
        self.assertEqual(done.returncode, 0, text)
        return done, text

    @staticmethod
    def _read_terminal(controller, shown):
        while True:
            try:
                shown.append(os.read(controller, 4096))
            except OSError:  # Linux says so when the last writer has closed the terminal.
                return
            if not shown[-1]:
                return

    def fail_with(self, code, fragment, *arguments, **options):
        """The run, which must exit with `code` and say `fragment` on standard error only."""
        done = run(*arguments, **options)
        message = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, code, message)
        self.assertIn(fragment, message)
        return done

    def predict(self, text, *arguments, tier="instant", **options):
        """The predictions for `text` on standard input, parsed."""
        done = self.succeed("predict", "--model", Fixture.model(), "--tier", tier, "--json",
                            *arguments, stdin=text, **options)
        return [json.loads(line) for line in done.stdout.splitlines()]
