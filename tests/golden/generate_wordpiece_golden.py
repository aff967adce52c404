#!/usr/bin/env python3
"""Writes wordpiece_golden.jsonl: hard texts with the ids of Hugging Face `tokenizers`.

    generate_wordpiece_golden.py [--encoder .cache/reference] [--check]

The first line says what made the file. Every other line is one row:
  group       what is hard about it
  text        the text; or hex: its bytes, not well-formed UTF-8 (the ids are those of Python's
              decode("utf-8", "replace")); or pieces, separator, count: pieces[i % len(pieces)] for
              i < count, joined by the separator (huge texts, built by the test instead of stored)
  max         the limit on tokens
  ids         the expected ids, joined by blanks
  truncated   whether the text had more tokens
  known       whether some id is not [CLS], [SEP], [UNK] or [PAD]
The texts come from hard_texts.py, seeded; the comparison is exact. Needs: pip install tokenizers.
"""

import argparse
import hashlib
import json
import pathlib
import sys

import tokenizers

import hard_texts

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "wordpiece_golden.jsonl"
SEED = 20240501
MAX_TOKENS = 256

HAND_WRITTEN = [
    "", " ", "\n\t ", "\x00", "\ufeff", "\u200b\u200d", "\u0301", "\u0301\u0300", "a\u0301", "\u0301a",
    "[CLS]", "[CLS][SEP]", "[cls]", "[MASK]ing", "un[MASK]", "[[MASK]]", "[MA\u200bSK]", "[UNK]", "[PAD][PAD]",
    "Fix the login crash", "FIX THE LOGIN CRASH", "don't", "naïve café", "naïve cafe\u0301",
    "İstanbul", "ıI", "ǅ", "ﬁx", "ß ẞ", "Σίσυφος ΣΊΣΥΦΟΣ", "ά \u03b1\u0301", "\u2126 \u212a \u212b",
    "中文 task", "东京塔", "がぎぐ", "か\u3099", "ｶﾞ", "한국어", "\u1112\u1161\u11ab", "אֶרֶץ", "مُحَمَّد", "हिन्दी",
    "ภาษาไทย", "e\u0301\u0327", "e\u0327\u0301", "\u1e69", "👩‍💻 ship it", "👍🏽", "\U0001f600", "a😀b",
    "\ud55c" * 34, "\ud55c" * 33, "x" * 99, "x" * 100, "x" * 101, "e\u0301" * 100, "e\u0301" * 101,
    "字" * 101, "a\u200b" * 100, "a\u200b" * 101, "x" * 100 + "!" + "y" * 101, "\U0010ffff", "\uffff", "\ufdd0",
    "\ue000", "\u0378", "\U000e0041tag", "\u2028line\u2029", "a\u0085b", "a\u00a0b", "a\u180eb", "\u3000x",
    "\u037e \u0387 \u1fef", "\u2260 \u226e", "##ing", "# # ing", "[unused5]", "…", "«q»", "“q”", "`", "¿qué?",
]

HUGE = [
    ("plain words", ["fix", "the", "login", "page"], " ", 50000),
    ("pieces and marks", ["Café", "internationalisation", "字", "don't", "👩‍💻", "[MASK]"], " ", 50000),
    ("one word without end", ["abc"], "", 50000),
    ("only white space", ["\u2003"], "\n", 50000),
    ("only invisible characters", ["\u200b", "\x00", "\u0301"], "", 50000),
    ("unknown words", ["\u0b85\U00010480"], " ", 50000),
    ("special tokens without end", ["[SEP]"], "", 50000),
    ("opening brackets", ["["], "", 50000),
    ("description after the title", ["Plan the sprint", "\n", "word "], "", 50000),
]


class Reference:
    """`tokenizers` as the encoder's tokenizer.json sets it up, cut at any limit."""

    def __init__(self, encoder):
        self.tokenizer = tokenizers.Tokenizer.from_file(str(encoder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        vocabulary = (encoder / "vocab.txt").read_bytes()
        self.vocabulary_sha256 = hashlib.sha256(vocabulary).hexdigest()
        tokens = vocabulary.decode("utf-8").split("\n")[:-1]
        if {token: i for i, token in enumerate(tokens)} != self.tokenizer.get_vocab():
            sys.exit(f"{encoder}: vocab.txt and tokenizer.json do not hold the same tokens")
        self.empty = {self.tokenizer.token_to_id(t) for t in ("[CLS]", "[SEP]", "[UNK]", "[PAD]")}

    def answer(self, text, max_tokens):
        truncated = len(self.tokenizer.encode(text).ids) > max_tokens
        self.tokenizer.enable_truncation(max_tokens)
        ids = self.tokenizer.encode(text).ids
        self.tokenizer.no_truncation()
        return {"max": max_tokens, "ids": " ".join(map(str, ids)), "truncated": truncated,
                "known": any(i not in self.empty for i in ids)}


def make_rows(reference):
    rows = [{"group": "hand written", "text": text, **reference.answer(text, MAX_TOKENS)}
            for text in HAND_WRITTEN]
    for index, (group, text) in enumerate(hard_texts.hard_texts(SEED, 2600)):
        limit = MAX_TOKENS if index % 10 else 3 + index // 10 % 20
        rows.append({"group": group, "text": text, **reference.answer(text, limit)})
    for data in hard_texts.broken_bytes(SEED, 300):
        text = data.decode("utf-8", "replace")
        rows.append({"group": "broken bytes", "hex": data.hex(), **reference.answer(text, MAX_TOKENS)})
    for group, pieces, separator, count in HUGE:
        text = separator.join(pieces[i % len(pieces)] for i in range(count))
        rows.append({"group": group, "pieces": pieces, "separator": separator, "count": count,
                     **reference.answer(text, MAX_TOKENS)})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=pathlib.Path, default=HERE.parents[1] / ".cache/reference",
                        help="folder with vocab.txt and tokenizer.json (default: %(default)s)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit 1 if the committed rows differ")
    arguments = parser.parse_args()

    if not (arguments.encoder / "tokenizer.json").is_file():
        sys.exit(f"{arguments.encoder} has no tokenizer.json: run tools/setup.sh first")
    reference = Reference(arguments.encoder)
    rows = make_rows(reference)
    header = {"generator": "tests/golden/generate_wordpiece_golden.py", "seed": SEED,
              "tokenizers": tokenizers.__version__, "tolerance": "exact", "rows": len(rows),
              "vocabulary_sha256": reference.vocabulary_sha256}
    lines = [json.dumps(row, separators=(",", ":")) for row in [header] + rows]
    text = "\n".join(lines) + "\n"
    if not arguments.check:
        GOLDEN.write_text(text, encoding="ascii")
    elif GOLDEN.read_text(encoding="ascii") != text:
        sys.exit(f"{GOLDEN}: not what tokenizers {tokenizers.__version__} gives")
    print(f"{len(rows)} rows, {len(text)} bytes: {'as committed' if arguments.check else 'written'}")


if __name__ == "__main__":
    main()
