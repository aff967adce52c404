#!/usr/bin/env python3
"""Generates core/src/text/unicode_{tables.h,runs.cpp,pool.cpp} from Hugging Face `tokenizers`.

BERT cleaning is defined by what `tokenizers` does, including which Unicode versions its parts were
built with. So instead of reading Unicode's files, this asks its BertNormalizer what becomes of every
code point and its BertPreTokenizer which results are punctuation, and writes the answers as runs,
packed so that a page downloads little (core/src/text/unicode_rules.h unpacks them).

    generate_unicode_tables.py           write the three files, and tests/golden/unicode_cleaning.json
    generate_unicode_tables.py --check   regenerate in memory; exit 1 if any file differs

Needs: pip install tokenizers. With --vocab FILE (default models/base_model/vocab.txt) it also checks
that no token holds a combining mark that survives cleaning, which is what makes leaving out
canonical reordering exact (see core/include/smartsynch/text/normalizer.h).
"""

import argparse
import dataclasses
import hashlib
import itertools
import json
import pathlib
import sys
import textwrap

import tokenizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 0x110000
SURROGATES = range(0xD800, 0xE000)
HANGUL = range(0xAC00, 0xD7A4)
# The order is that of enum class RunKind below.
KINDS = ["kKeep", "kRemove", "kSpace", "kPunctuation", "kIdeograph", "kHangul", "kShift",
         "kShiftEven", "kPool1", "kPool2", "kPool3", "kPoolIdeograph"]
POOL_WIDTHS = {"kPool1": 1, "kPool2": 2, "kPool3": 3, "kPoolIdeograph": 1}


@dataclasses.dataclass
class Run:
    first: int
    kind: str
    payload: int = 0


def ask_normalizer():
    """What becomes of each code point alone. A surrogate is read as U+FFFD, which is removed."""
    normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                lowercase=True)
    return ["" if c in SURROGATES else normalizer.normalize_str(chr(c)) for c in range(LIMIT)]


def ask_punctuation(results):
    """Which surviving characters are words of their own."""
    pre_tokenizer = BertPreTokenizer()
    punctuation = set()
    for character in sorted(set("".join(results))):
        parts = [part for part, _ in pre_tokenizer.pre_tokenize_str(f"a{character}b")]
        if parts == ["a", character, "b"]:
            punctuation.add(character)
        elif parts == ["a", "b"]:
            require(character == " ", f"U+{ord(character):04X} is white space but not ' '")
        else:
            require(parts == [f"a{character}b"], f"U+{ord(character):04X} splits into {parts}")
    for character in punctuation:
        require(results[ord(character)] == character, f"punctuation {character!r} is not kept")
    return punctuation


def hangul_jamo(code_point):
    """The Unicode Standard's arithmetic decomposition of a Hangul syllable (chapter 3.12)."""
    index = code_point - 0xAC00
    jamo = chr(0x1100 + index // 588) + chr(0x1161 + index % 588 // 28)
    return jamo + (chr(0x11A7 + index % 28) if index % 28 else "")


def kind_of(code_point, result, punctuation):
    character = chr(code_point)
    if code_point in HANGUL:
        require(result == hangul_jamo(code_point), f"Hangul U+{code_point:04X} gives {result!r}")
        return "kHangul"
    if result == "":
        return "kRemove"
    if result == " ":
        return "kSpace"
    if result == character:
        return "kPunctuation" if character in punctuation else "kKeep"
    if len(result) == 3 and result[0] == result[2] == " ":
        return "kIdeograph" if result[1] == character else "kPoolIdeograph"
    require(" " not in result and len(result) <= 3, f"U+{code_point:04X} gives {result!r}")
    return f"kPool{len(result)}"


def shift_run(kinds, results, first):
    """(kind, length, shift) of the longest regular run of letter cases that begins here."""
    if kinds[first] != "kPool1":
        return "kShift", 0, 0
    shift = ord(results[first]) - first

    def shifts(code_point):
        return (code_point < LIMIT and kinds[code_point] == "kPool1"
                and ord(results[code_point]) - code_point == shift)

    dense = 1
    while shifts(first + dense):
        dense += 1
    sparse = 0
    while shifts(first + sparse) and kinds[first + sparse + 1] == "kKeep":
        sparse += 2
    return ("kShift", dense, shift) if dense >= sparse else ("kShiftEven", sparse, shift)


def make_runs(results, punctuation):
    kinds = [kind_of(c, result, punctuation) for c, result in enumerate(results)]
    runs, pool = [], []
    code_point = 0
    while code_point < LIMIT:
        kind = kinds[code_point]
        if not kind.startswith("kPool"):
            if not runs or runs[-1].kind != kind:
                runs.append(Run(code_point, kind))
            code_point += 1
            continue
        regular, length, shift = shift_run(kinds, results, code_point)
        if length >= 4:
            runs.append(Run(code_point, regular, shift))
            code_point += length
            continue
        # Irregular results stand in the pool, one after the other. A kept neighbour between two of
        # them costs less in the pool than as a run of its own, which would be two runs more.
        runs.append(Run(code_point, kind, len(pool)))
        while True:
            pool.extend(ord(c) for c in results[code_point].strip(" "))
            code_point += 1
            if kind == "kPool1" and kinds[code_point:code_point + 2] == ["kKeep", "kPool1"]:
                pool.append(code_point)
                code_point += 1
            if kinds[code_point] != kind or shift_run(kinds, results, code_point)[1] >= 4:
                break
    return runs, pool


def zigzag(value):
    return value << 1 if value >= 0 else (-value << 1) - 1


def leb128(values):
    """Unsigned LEB128: seven bits a byte, the lowest first, the top bit set if more follow."""
    packed = []
    for value in values:
        while value >= 0x80:
            packed.append(value & 0x7F | 0x80)
            value >>= 7
        packed.append(value)
    return packed


def pack(runs, pool):
    """The packed arrays, as bytes; header_text says what they mean."""
    ends = [run.first for run in runs[1:]] + [LIMIT]
    lengths = leb128(end - run.first for run, end in zip(runs, ends))
    kinds = [KINDS.index(run.kind) for run in runs]
    shifts = leb128(zigzag(run.payload) for run in runs if run.kind in ("kShift", "kShiftEven"))
    steps = leb128(zigzag(x - before) for before, x in zip([0] + pool, pool))
    return {"kPackedLengths": lengths, "kPackedKinds": kinds, "kPackedShifts": shifts,
            "kPackedPool": steps}


def read_leb128(packed):
    values, value, bits = [], 0, 0
    for byte in packed:
        value |= (byte & 0x7F) << bits
        bits += 7
        if byte < 0x80:
            values.append(value)
            value, bits = 0, 0
    return values


def read_signed(packed):
    return [value >> 1 if value % 2 == 0 else -((value + 1) >> 1) for value in read_leb128(packed)]


def unpack(packed):
    """(runs, pool) as core/src/text/unicode_rules.cpp unpacks them."""
    shifts = iter(read_signed(packed["kPackedShifts"]))
    runs, first, pooled = [], 0, 0
    for length, kind in zip(read_leb128(packed["kPackedLengths"]), packed["kPackedKinds"]):
        run = Run(first, KINDS[kind])
        if run.kind in ("kShift", "kShiftEven"):
            run.payload = next(shifts)
        elif run.kind in POOL_WIDTHS:
            run.payload = pooled
            pooled += length * POOL_WIDTHS[run.kind]
        runs.append(run)
        first += length
    pool = list(itertools.accumulate(read_signed(packed["kPackedPool"])))
    return runs, pool


def read_back(runs, pool):
    """Decodes the table as the C++ does; used to check it before it is written."""
    results = []
    for index, run in enumerate(runs):
        end = runs[index + 1].first if index + 1 < len(runs) else LIMIT
        for c in range(run.first, end):
            offset = c - run.first
            if run.kind in ("kKeep", "kPunctuation"):
                result = chr(c)
            elif run.kind == "kRemove":
                result = ""
            elif run.kind == "kSpace":
                result = " "
            elif run.kind == "kIdeograph":
                result = f" {chr(c)} "
            elif run.kind == "kHangul":
                result = hangul_jamo(c)
            elif run.kind == "kShift":
                result = chr(c + run.payload)
            elif run.kind == "kShiftEven":
                result = chr(c + run.payload) if offset % 2 == 0 else chr(c)
            elif run.kind == "kPoolIdeograph":
                result = f" {chr(pool[run.payload + offset])} "
            else:
                width = int(run.kind[-1])
                start = run.payload + offset * width
                result = "".join(chr(x) for x in pool[start:start + width])
            results.append(result)
    return results


def surviving_marks(results):
    """Kept characters that canonical ordering could move past a neighbour."""
    nfd = NFD()
    low, high = "\u0334", "\u0345"  # the lowest and the highest combining class
    marks = []
    for c in range(LIMIT):
        character = chr(c)
        if results[c] != character or nfd.normalize_str(character) != character:
            continue
        if (nfd.normalize_str(high + character) != high + character
                or nfd.normalize_str(character + low) != character + low):
            marks.append(character)
    return marks


def check_vocabulary(results, path):
    marks = surviving_marks(results)
    used = set(path.read_text(encoding="utf-8")) & set(marks)
    require(not used, f"{path} has tokens with combining marks {sorted(used)}: canonical ordering "
            "would change ids, so core/src/text/normalizer.cpp must do it")
    print(f"{len(marks)} combining marks survive cleaning; none is in {path}")


def wrap(values):
    text = ", ".join(values)
    return textwrap.fill(text, width=100, initial_indent="    ", subsequent_indent="    ") + ","


def header_text(runs, pool):
    kinds = "\n".join(f"  {kind}{' = 0' if i == 0 else ''}," for i, kind in enumerate(KINDS))
    return f"""\
// Generated by tools/unicode/generate_unicode_tables.py from tokenizers {tokenizers.__version__}. Do not edit.
//
// What BERT-uncased cleaning makes of each code point, as runs that share a rule. Packed;
// text/unicode_rules.h unpacks them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smartsynch::unicode_tables {{

// kIdeograph and kPoolIdeograph put ' ' on both sides; kHangul is decomposed by arithmetic; kShift
// adds the run's shift; kShiftEven adds it to the first, third, fifth... of the run and keeps the
// others; kPoolN takes N code points per input from the pool, kPoolIdeograph one.
enum class RunKind : std::uint8_t {{
{kinds}
}};

inline constexpr std::size_t kRunCount = {len(runs)};
inline constexpr std::size_t kPoolSize = {len(pool)};

// The runs follow one another from code point 0 to 0x10FFFF, and those that use the pool take it in
// the same order. Numbers are unsigned LEB128, signed ones zigzag-encoded before that.
extern const std::uint8_t kPackedLengths[];  // of each run, in code points
extern const std::uint8_t kPackedKinds[];    // of each run, a byte each
extern const std::uint8_t kPackedShifts[];   // of each kShift and kShiftEven run; signed
extern const std::uint8_t kPackedPool[];     // each entry less the one before it; signed

}}  // namespace smartsynch::unicode_tables
"""


def source_text(what, arrays):
    return f"""\
// Generated by tools/unicode/generate_unicode_tables.py from tokenizers {tokenizers.__version__}. Do not edit.
// {what}.
#include "text/unicode_tables.h"

namespace smartsynch::unicode_tables {{

// clang-format off
{arrays}
// clang-format on

}}  // namespace smartsynch::unicode_tables
"""


def arrays_text(what, packed, names):
    arrays = [f"const std::uint8_t {name}[] = {{\n{wrap(str(byte) for byte in packed[name])}\n}};"
              for name in names]
    size = sum(len(packed[name]) for name in names)
    return source_text(f"{what}, {size} bytes", "\n\n".join(arrays))


def golden_text(results, punctuation):
    """One hash over all answers, straight from `tokenizers`, for the C++ test of the whole table."""
    digest = hashlib.sha256()
    for code_point, result in enumerate(results):
        if code_point not in SURROGATES:
            digest.update(result.encode() + (b"\x01" if result in punctuation else b"") + b"\n")
    return json.dumps({"generator": "tools/unicode/generate_unicode_tables.py",
                       "tokenizers": tokenizers.__version__, "tolerance": "exact",
                       "sha256": digest.hexdigest()}, indent=2) + "\n"


def require(condition, message):
    if not condition:
        sys.exit(f"generate_unicode_tables: {message}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit 1 if the committed files differ")
    parser.add_argument("--vocab", type=pathlib.Path, default=ROOT / "models/base_model/vocab.txt",
                        help="vocabulary to check for surviving combining marks")
    arguments = parser.parse_args()

    results = ask_normalizer()
    punctuation = ask_punctuation(results)
    runs, pool = make_runs(results, punctuation)
    packed = pack(runs, pool)
    require(unpack(packed) == (runs, pool), "the packed table does not give back its runs")
    require(read_back(runs, pool) == results, "the table does not give back what was asked")
    require(arguments.vocab.is_file(), f"{arguments.vocab} is missing: run tools/setup.sh first")
    check_vocabulary(results, arguments.vocab)

    files = {"core/src/text/unicode_tables.h": header_text(runs, pool),
             "core/src/text/unicode_runs.cpp":
                 arrays_text(f"{len(runs)} runs", packed,
                             ["kPackedLengths", "kPackedKinds", "kPackedShifts"]),
             "core/src/text/unicode_pool.cpp":
                 arrays_text(f"{len(pool)} pool entries", packed, ["kPackedPool"]),
             "tests/golden/unicode_cleaning.json": golden_text(results, punctuation)}
    stale = []
    for name, text in files.items():
        path = ROOT / name
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    require(not stale, f"not what tokenizers {tokenizers.__version__} gives: {', '.join(stale)}")
    size = sum(len(array) for array in packed.values())
    print(f"{len(runs)} runs, {len(pool)} pool entries, {size} bytes: "
          + ("as committed" if arguments.check else "written"))


if __name__ == "__main__":
    main()
