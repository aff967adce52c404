#!/usr/bin/env python3
"""Compares the core's token ids with Hugging Face `tokenizers`, natively and in WebAssembly.

Public texts, from the folder that SMARTSYNCH_EXTRA_DATA names (all of CLINC150 with its out-of-scope
part, BANKING77, Jira titles; without the folder they are reported as skipped), and with --random N
also N random hard texts (../golden/hard_texts.py):

    SMARTSYNCH_EXTRA_DATA=FOLDER tokenizer_parity.py --native build/native-release/tests/parity/smartsynch_tokenize_lines
    tokenizer_parity.py --native PROGRAM --wasm PROGRAM.js --random 200000

A token agrees when the same id stands at the same place; a text passes when all its tokens do.
Exit 0 when every text passed (or there was nothing to compare), 1 otherwise. Needs: pip install
tokenizers, and .cache/reference/{vocab.txt,tokenizer.json}.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

import tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/golden"))
import hard_texts  # noqa: E402  (its folder is known only now)

MAX_TOKENS = 256
CSV_FILES = {"BANKING77": ("text", ["banking77_train.csv", "banking77_test.csv"]),
             "Jira titles": ("title", ["jira_titles_unlabelled.csv"])}
CLINC_FILE = "clinc150_data_full.json"


def public_texts(folder):
    """{set name: texts}, or a sentence saying why there are none."""
    if not folder:
        return "SMARTSYNCH_EXTRA_DATA names no folder"
    folder = pathlib.Path(folder)
    names = [CLINC_FILE] + [name for _, files in CSV_FILES.values() for name in files]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        return f"{folder} has no {', '.join(missing)}"
    clinc = json.loads((folder / CLINC_FILE).read_text(encoding="utf-8"))
    sets = {"CLINC150": [text for split in sorted(clinc) for text, _ in clinc[split]]}
    for name, (column, files) in CSV_FILES.items():
        sets[name] = []
        for file in files:
            with open(folder / file, newline="", encoding="utf-8") as lines:
                sets[name] += [row[column] for row in csv.DictReader(lines)]
    return sets


def reference_ids(encoder, texts):
    tokenizer = tokenizers.Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def core_ids(command, texts):
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command + [str(MAX_TOKENS)], input=lines.encode(), stdout=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(texts):
        sys.exit(f"{' '.join(command)}: {len(answers)} answers to {len(texts)} texts")
    return answers


def compare(name, host, texts, expected, actual):
    agreeing = tried = failed = 0
    for text, want, got in zip(texts, expected, actual):
        tried += max(len(want), len(got))
        agreeing += sum(a == b for a, b in zip(want, got))
        if want != got:
            failed += 1
            if failed <= 5:
                print(f"  differs: {text!r}\n    tokenizers {want}\n    core       {got}")
    print(f"{name}, {host}: {len(texts)} texts, {agreeing} tokens agreeing / {tried} tried")
    return len(texts) - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--native", help="the native smartsynch_tokenize_lines")
    parser.add_argument("--wasm", help="smartsynch_tokenize_lines.js, run in Node")
    parser.add_argument("--node", default="node", help="the Node program (default: %(default)s)")
    parser.add_argument("--encoder", type=pathlib.Path, default=ROOT / ".cache/reference",
                        help="folder with vocab.txt and tokenizer.json (default: %(default)s)")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="also N random hard texts")
    parser.add_argument("--seed", type=int, default=1, help="of the random texts (default: %(default)s)")
    arguments = parser.parse_args()

    vocabulary = str(arguments.encoder / "vocab.txt")
    hosts = {}
    if arguments.native:
        hosts["native"] = [arguments.native, vocabulary]
    if arguments.wasm:
        hosts["WebAssembly"] = [arguments.node, arguments.wasm, vocabulary]
    if not hosts:
        parser.error("name a program to compare: --native, --wasm or both")

    needed = [arguments.encoder / "vocab.txt", arguments.encoder / "tokenizer.json"]
    needed += [pathlib.Path(program) for program in (arguments.native, arguments.wasm) if program]
    missing = [str(path) for path in needed if not path.is_file()]
    if missing:
        sys.exit(f"tokenizer_parity: {', '.join(missing)} missing: run tools/setup.sh and build first")

    passed = failed = skipped = 0
    sets = public_texts(os.environ.get("SMARTSYNCH_EXTRA_DATA"))
    if isinstance(sets, str):
        print(f"skipped: CLINC150, BANKING77, Jira titles ({sets})")
        skipped = (1 + len(CSV_FILES)) * len(hosts)
        sets = {}
    if arguments.random:
        texts = (text for _, text in hard_texts.hard_texts(arguments.seed, arguments.random))
        sets["random hard texts"] = list(texts)
    for name, texts in sets.items():
        expected = reference_ids(arguments.encoder, texts)
        for host, command in hosts.items():
            good, bad = compare(name, host, texts, expected, core_ids(command, texts))
            passed += good
            failed += bad
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
