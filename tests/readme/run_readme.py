#!/usr/bin/env python3
"""Runs the commands that README.md shows, so that what it promises is tried on every change.

  tests/readme/run_readme.py [--readme FILE] [--root FOLDER]

A block is run when the comment `<!-- test -->` stands on a line before it:

    <!-- test -->
    ```sh
    tools/smartsynch predict "Fix the login crash"
    ```

Each block runs under `bash -euo pipefail` and must end with status 0. The blocks run one after
the other in one folder that looks like the project: data/ and models/ are copies, the rest is
linked, so that commands use what is built but write nothing into the project (the run log goes into
the folder, too); a change in what git sees of it is a failure. Closes with "N passed, N failed".
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPIED = ("data", "models")
SECONDS = 1200
BLOCK = re.compile(
    r"^<!-- test -->[ \t]*\n(?:[ \t]*\n)*^```sh[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE
)
MARK = re.compile(r"^<!-- test -->[ \t]*$", re.MULTILINE)


def blocks(text):
    """[(line, commands)]; a mark without a block of shell commands right after it is an error."""
    found = [(text.count("\n", 0, m.start(1)) + 1, m[1]) for m in BLOCK.finditer(text)]
    marks = len(MARK.findall(text))
    if marks != len(found):
        raise ValueError(
            f"{marks} marks <!-- test -->, but {len(found)} ```sh blocks right after one"
        )
    if not found:
        raise ValueError("expected blocks marked <!-- test -->, found none")
    return found


def make_playground(root, folder):
    for entry in sorted(root.iterdir()):
        if entry.name in COPIED:
            shutil.copytree(entry, folder / entry.name)
        elif entry.name not in (".git", "build"):
            (folder / entry.name).symlink_to(entry)


def git_state(root):
    command = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=all"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def run_block(commands, folder):
    """None, or what went wrong. The output is shown as it comes."""
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=folder,
            env={**os.environ, "CI": "true", "SMARTSYNCH_RUNS": str(folder / "runs")},
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"still running after {SECONDS} s"
    return None if done.returncode == 0 else f"exit status {done.returncode}"


def run(readme, root):
    """(passed, failed)"""
    try:
        found = blocks(readme.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{readme}: {error}")
        return 0, 1
    passed = failed = 0
    before = git_state(root)
    with tempfile.TemporaryDirectory(prefix="smartsynch-readme-") as name:
        folder = pathlib.Path(name)
        make_playground(root, folder)
        for line, commands in found:
            print(f"{readme.name}:{line}:", flush=True)
            print(
                "".join(f"  $ {command}\n" for command in commands.splitlines()), end="", flush=True
            )
            start = time.monotonic()
            problem = run_block(commands, folder)
            print(f"{readme.name}:{line}: {problem or 'ok'} ({time.monotonic() - start:.1f} s)")
            passed += problem is None
            failed += problem is not None
    if git_state(root) != before:
        print(f"the commands changed the project:\n{git_state(root)}")
        failed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readme", type=pathlib.Path, default=ROOT / "README.md")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="the project's root")
    options = parser.parse_args()
    passed, failed = run(options.readme, options.root)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
