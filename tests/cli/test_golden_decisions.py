"""The base model's decisions about 1,000 titles: here, and on processors with narrower vectors."""

import os
import shutil
import subprocess
import sys
import unittest

from cli_case import PROGRAM, ROOT, CliCase

sys.path.insert(0, str(ROOT / "tests" / "golden"))
import decisions  # noqa: E402

AGAIN = "run tests/golden/decisions.py"
ROUNDING = 1.5e-6
ENCODER = 1e-4  # its sums are not in the same order on every processor
EMULATED = {"AVX2, no AVX-512, no VNNI": "max", "no AVX": "Nehalem"}


def differences(rows, predictions, tier, titles):
    found = []
    tolerance = ROUNDING if tier == "instant" else ENCODER
    for (key, expected), prediction in zip(rows, predictions, strict=True):
        answer = decisions.digest(prediction)
        near = all(abs(a - b) <= tolerance for a, b in zip(answer[2:], expected[tier][2:]))
        if answer[:2] != expected[tier][:2] or not near:
            found.append(f"{titles[key]['title']}: {answer}, expected {expected[tier]}")
    return found


class GoldenDecisions(CliCase):
    def setUp(self):
        self.model, self.rows = decisions.read()
        self.tasks = decisions.all_tasks()
        missing = [key for key, _ in self.rows if key not in self.tasks]
        self.assertEqual(missing, [], f"data/ has changed: {AGAIN}")

    def check(self, command, rows, **options):
        for tier in decisions.TIERS:
            with self.subTest(tier=tier):
                asked = [self.tasks[key] for key, _ in rows]
                predictions = decisions.predict(command, asked, tier, **options)
                self.assertEqual({p["modelVersion"] for p in predictions}, {self.model}, AGAIN)
                self.assertEqual(differences(rows, predictions, tier, self.tasks), [])

    def test_they_are_spread_over_all_kinds_of_titles(self):
        self.assertEqual([key for key, _ in self.rows], decisions.choose(self.tasks), AGAIN)
        kinds = {kind: set() for kind in ("category", "language", "style")}
        for task in self.tasks.values():
            for kind, values in kinds.items():
                values.add(task[kind])
        for kind, values in kinds.items():
            self.assertEqual({self.tasks[key][kind] for key, _ in self.rows}, values, kind)
        decided = {row["full"][0] for _, row in self.rows}
        self.assertEqual(decided, {"auto", "suggest", "new"})

    def test_on_this_processor(self):
        self.check([PROGRAM], self.rows)

    def test_a_wrong_answer_is_noticed(self):
        rows = self.rows[:3]
        predictions = decisions.predict([PROGRAM], [self.tasks[key] for key, _ in rows], "instant")
        self.assertEqual(differences(rows, predictions, "instant", self.tasks), [])
        predictions[0]["decision"] = "suggest" if predictions[0]["decision"] != "suggest" else "new"
        predictions[1]["suggestions"].reverse()
        predictions[2]["confidence"] += 1e-5
        self.assertEqual(len(differences(rows, predictions, "instant", self.tasks)), 3)

    def test_on_other_processors(self):
        """Under an emulator, which takes half a second for a title: some of them, when asked for."""
        every = int(os.environ.get("SMARTSYNCH_EMULATED_TITLES", "0"))
        emulator = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static")
        if every == 0:
            self.skipTest("SMARTSYNCH_EMULATED_TITLES=N asks N titles; tools/test.sh --long does")
        if emulator is None:
            self.skipTest("qemu-x86_64 is missing: tools/setup/engines.sh installs it")
        if os.uname().machine != "x86_64":
            self.skipTest("the program is not one for x86-64")
        # One thread after another on one processor: the emulator is slow at waiting for each other.
        one = {min(os.sched_getaffinity(0))}
        rows = self.rows[:: max(1, len(self.rows) // every)]
        for name, processor in EMULATED.items():
            with self.subTest(processor=name):
                self.check([emulator, "-cpu", processor, PROGRAM], rows, stderr=subprocess.DEVNULL,
                           preexec_fn=lambda: os.sched_setaffinity(0, one))


if __name__ == "__main__":
    unittest.main()
