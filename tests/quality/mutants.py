#!/usr/bin/env python3
"""Changes one operator of the core at a time and looks whether the unit tests notice.

  tests/quality/mutants.py --count 40              40 mutants, drawn from FILES by a fixed seed
  tests/quality/mutants.py --count 10 core/src/text/utf8.cpp

Works on a copy of the sources in BUILD. A mutant is killed when the tests fail, crash or run for
much longer than before; one that does not compile does not count. Survivors are listed with file,
line and change: each is a missing test, or a change without an effect. Exit status 1 when fewer are
killed than --goal per cent.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = (
    "core/src/base/hash.cpp",
    "core/src/base/random.cpp",
    "core/src/decide/calibration.cpp",
    "core/src/decide/category.cpp",
    "core/src/decide/decision_policy.cpp",
    "core/src/engine/classifier.cpp",
    "core/src/engine/prediction_cache.cpp",
    "core/src/model/safetensors.cpp",
    "core/src/nn/math.cpp",
    "core/src/nn/token_table.cpp",
    "core/src/personal/exemplar_memory.cpp",
    "core/src/personal/feedback_log.cpp",
    "core/src/personal/personal_state.cpp",
    "core/src/text/lexical_features.cpp",
    "core/src/text/normalizer.cpp",
    "core/src/text/spelling.cpp",
    "core/src/text/utf8.cpp",
    "core/src/text/wordpiece.cpp",
)
# What stands between spaces becomes the other; clang-format sees to the spaces.
CHANGES = {
    " < ": " <= ",
    " <= ": " < ",
    " > ": " >= ",
    " >= ": " > ",
    " == ": " != ",
    " != ": " == ",
    " && ": " || ",
    " || ": " && ",
    " + ": " - ",
    " - ": " + ",
    " * ": " / ",
    " += ": " -= ",
    "return true;": "return false;",
    "return false;": "return true;",
    "continue;": "break;",
}
SKIPPED_LINE = re.compile(r"^\s*(//|#|static_assert|using |template)|\breserve\(|\bfor \(.*\+\+\)")


def mutants_of(text):
    """(offset, old, new) of every change that can be made."""
    found = []
    offset = 0
    for line in text.splitlines(keepends=True):
        code = line.split("//")[0]
        if not SKIPPED_LINE.search(line):
            for old, new in CHANGES.items():
                found += [
                    (offset + match.start(), old, new)
                    for match in re.finditer(re.escape(old), without_strings(code))
                ]
        offset += len(line)
    return sorted(found)


def without_strings(code):
    """The same length, with the texts of string and character literals blanked."""
    return re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'', lambda m: "_" * len(m[0]), code)


def apply(text, mutant):
    offset, old, new = mutant
    return text[:offset] + new + text[offset + len(old) :]


class Builder:
    """A copy of the sources with a build of the unit tests."""

    def __init__(self, build):
        self.source = build / "source"
        self.build = build / "build"
        shutil.rmtree(self.source, ignore_errors=True)
        skip = shutil.ignore_patterns("node_modules", "dist", "build", ".cache", ".git", "__pycache__")
        shutil.copytree(ROOT, self.source, ignore=skip)
        if (ROOT / ".cache").exists():
            (self.source / ".cache").symlink_to(ROOT / ".cache")
        configure = ["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja"]
        configure.append("-DCMAKE_BUILD_TYPE=Debug")
        if shutil.which("ccache"):
            configure.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
            os.environ.update({"CCACHE_BASEDIR": str(self.source), "CCACHE_NOHASHDIR": "1"})
        subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
        if not self.compiles():
            sys.exit("mutants: the unit tests do not build")
        start = time.monotonic()
        if self.tests_pass(600) is not True:
            sys.exit("mutants: the unit tests fail without any change")
        # Beside other work on the machine the same tests may take several times as long.
        self.limit = 30 + 10 * (time.monotonic() - start)

    def compiles(self):
        ninja = ["ninja", "-C", self.build, "smartsynch_unit_tests"]
        return subprocess.run(ninja, capture_output=True, check=False).returncode == 0

    def tests_pass(self, limit=None):
        """None: they did not end in time."""
        command = [self.build / "tests/unit/smartsynch_unit_tests", "--abort-after=1"]
        try:
            timeout = limit or self.limit
            done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            return None
        return done.returncode == 0


def judge(builder, file, mutant):
    """"killed", "survived" or "does not compile"."""
    path = builder.source / file
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(apply(before, mutant), encoding="utf-8")
        if not builder.compiles():
            return "does not compile"
        return "survived" if builder.tests_pass() else "killed"
    finally:
        path.write_text(before, encoding="utf-8")


def describe(file, mutant):
    text = (ROOT / file).read_text(encoding="utf-8")
    offset, old, new = mutant
    line = text.count("\n", 0, offset) + 1
    return f"{file}:{line}: `{old.strip()}` to `{new.strip()}`: {text.splitlines()[line - 1].strip()}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/mutants")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goal", type=float, default=75.0, help="per cent killed (%(default)s)")
    parser.add_argument("files", nargs="*", default=FILES)
    options = parser.parse_args()
    everything = [
        (file, mutant)
        for file in options.files
        for mutant in mutants_of((ROOT / file).read_text(encoding="utf-8"))
    ]
    drawn = random.Random(options.seed).sample(everything, min(options.count, len(everything)))
    builder = Builder(options.build.resolve())
    counts = {"killed": 0, "survived": 0, "does not compile": 0}
    for file, mutant in sorted(drawn):
        outcome = judge(builder, file, mutant)
        counts[outcome] += 1
        if outcome == "survived":
            print(f"survived: {describe(file, mutant)}", flush=True)
    judged = counts["killed"] + counts["survived"]
    share = 100 * counts["killed"] / judged if judged else 0.0
    print(
        f"mutants: {counts['killed']} of {judged} killed ({share:.0f} %), "
        f"{counts['does not compile']} did not compile, drawn from {len(everything)}"
    )
    return 0 if share >= options.goal else 1


if __name__ == "__main__":
    sys.exit(main())
