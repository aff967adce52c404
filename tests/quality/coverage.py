#!/usr/bin/env python3
"""How many of the core's lines the unit tests, property tests and replayed fuzz inputs run.

  tests/quality/coverage.py                  builds, runs, prints a table; exit status 1 below 90 %
  tests/quality/coverage.py --goal 0 --uncovered core/src/text/utf8.cpp

Clang's source-based coverage (preset native-coverage, llvm-cov 14). A line counts when any of its
code ran; headers' inline functions count with the sources.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Target, where its program is, its arguments.
PROGRAMS = (
    ("smartsynch_unit_tests", "tests/unit/smartsynch_unit_tests", ()),
    ("smartsynch_property_tests", "tests/properties/smartsynch_property_tests", ()),
    *(
        (f"fuzz_{name}_replay", f"tests/fuzz/fuzz_{name}_replay", (f"tests/fuzz/corpus/{name}",))
        for name in ("text", "wordpiece", "files", "dataset", "feedback")
    ),
)


def run_tests(build):
    """Profiles of one run of every program."""
    profiles = []
    for _, program, arguments in PROGRAMS:
        profile = build / f"{pathlib.Path(program).name}.profraw"
        environment = {**os.environ, "LLVM_PROFILE_FILE": str(profile)}
        done = subprocess.run(
            [build / program, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{program} failed:\n{done.stdout[-3000:]}")
        profiles.append(profile)
    return profiles


def llvm_cov(build, profile, *arguments):
    first, *others = (str(build / program) for _, program, _ in PROGRAMS)
    objects = [word for other in others for word in ("-object", other)]
    command = ["llvm-cov-14", arguments[0], first, *objects, f"-instr-profile={profile}"]
    done = subprocess.run([*command, *arguments[1:]], capture_output=True, text=True, check=True)
    return done.stdout


def lines_of(export, root, build):
    """{file: (lines that ran, lines with code)} of the core. A compiler's cache makes paths relative."""
    found = {}
    for file in export["data"][0]["files"]:
        path = pathlib.Path(os.path.normpath(build / file["filename"]))
        if path.is_relative_to(root / "core"):
            summary = file["summary"]["lines"]
            found[path.relative_to(root).as_posix()] = (summary["covered"], summary["count"])
    return found


def table(found, below):
    """The files with less than `below` per cent, worst first, and the sum of all."""
    ran = sum(covered for covered, _ in found.values())
    lines = sum(count for _, count in found.values())
    rows = ["| file | lines | ran |", "| --- | --- | --- |"]
    for file, (covered, count) in sorted(found.items(), key=lambda item: percent(*item[1])):
        if percent(covered, count) < below:
            rows.append(f"| {file} | {count:,} | {percent(covered, count):.1f} % |")
    rows.append(f"| core, {len(found)} files | {lines:,} | {percent(ran, lines):.1f} % |")
    return "\n".join(rows), percent(ran, lines)


def percent(covered, count):
    return 100 * covered / count if count else 100.0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/native-coverage")
    parser.add_argument("--goal", type=float, default=90.0, help="per cent of all lines (%(default)s)")
    parser.add_argument("--below", type=float, default=90.0, help="list files with less than this")
    parser.add_argument("--uncovered", metavar="FILE", help="show this file's lines with their counts")
    parser.add_argument("--no-build", action="store_true", help="measure what is built")
    options = parser.parse_args()
    build = options.build.resolve()
    if not options.no_build:
        configure = ["cmake", "--preset", "native-coverage", "-B", build]
        subprocess.run(configure, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        targets = [target for target, _, _ in PROGRAMS]
        subprocess.run(["ninja", "-C", build, *targets], check=True, stdout=subprocess.DEVNULL)
    merged = build / "merged.profdata"
    profiles = run_tests(build)
    subprocess.run(["llvm-profdata-14", "merge", "-sparse", *profiles, "-o", merged], check=True)
    if options.uncovered:
        print(llvm_cov(build, merged, "show", str(ROOT / options.uncovered)))
        return 0
    export = json.loads(llvm_cov(build, merged, "export", "-summary-only"))
    found = lines_of(export, ROOT, build)
    if not found:
        sys.exit("coverage: no file of core/ is in the report")
    text, all_lines = table(found, options.below)
    print(text)
    if all_lines < options.goal:
        print(f"coverage: {all_lines:.1f} % of lines, expected at least {options.goal} %")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
