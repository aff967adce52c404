"""Hard texts for tokenizers: seeded, the same on every Python version, made of nothing but code.

    for group, text in hard_texts(seed=1, count=1000): ...

Used by generate_wordpiece_golden.py (rows kept in git) and ../parity/tokenizer_parity.py (random
comparison with `tokenizers`). A text is well-formed Unicode; broken_bytes() gives byte strings that
are not well-formed UTF-8.
"""

import random
import unicodedata

WORDS = """fix review plan draft the a of to and login page crash meeting agenda budget roadmap quarterly
interview users logo icon colour palette landing deploy staging server refactor parser unit tests timeout
compare vendors literature survey schedule call with supplier onboarding checklist invoice sprint
retrospective stakeholder wireframe typography accessibility audit database migration rollback rehearsal
classroom curriculum patient ward rota scaffolding inspection harvest festival volunteers newsletter
don't it's e-mail co-op naïve café résumé Zürich São Łódź İstanbul straße œuvre Ærø Þingvellir
antidisestablishmentarianism electroencephalographically supercalifragilistic internationalisation
WiFi iPhone GitHub v2.0 3pm 10:30 50% $100 €20 #42 @team C++ C# .NET R&D Q3/Q4 24/7""".split()

SPECIALS = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"]

# By script: the code point ranges its random words are drawn from, each range as likely as the next.
SCRIPTS = {
    "latin": [(0xC0, 0x24F), (0x1E00, 0x1EFF), (0x41, 0x5A), (0x61, 0x7A)],
    "greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "cyrillic": [(0x400, 0x52F)],
    "armenian_georgian": [(0x531, 0x58F), (0x10A0, 0x10FF), (0x1C90, 0x1CBF)],
    "hebrew": [(0x591, 0x5F4), (0x5D0, 0x5EA), (0xFB1D, 0xFB4F)],
    "arabic": [(0x600, 0x6FF), (0x621, 0x64A), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)],
    "devanagari": [(0x900, 0x97F), (0x915, 0x939)],
    "indic": [(0x980, 0xDFF)],
    "thai_lao": [(0xE01, 0xE5B), (0xE81, 0xEDF)],
    "tibetan_myanmar_khmer": [(0xF00, 0xFFF), (0x1000, 0x109F), (0x1780, 0x17F9)],
    "kana": [(0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF65, 0xFF9F)],
    "cjk": [(0x4E00, 0x9FFF), (0x4E00, 0x51FF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0xF900, 0xFAFF),
            (0x2F800, 0x2FA1F), (0x3000, 0x303F)],
    "hangul": [(0xAC00, 0xD7A3), (0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3131, 0x318E)],
    "fullwidth": [(0xFF01, 0xFFEF)],
    "cased_rare": [(0x13A0, 0x13FF), (0xAB70, 0xABBF), (0x10400, 0x1044F), (0x104B0, 0x104FF),
                   (0x118A0, 0x118DF), (0x1E900, 0x1E95F), (0x2C00, 0x2DFF), (0xA640, 0xA7FF)],
    "marks": [(0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),
              (0x61, 0x7A)],
    "marks_rare": [(0x1B00, 0x1BFF), (0x1E000, 0x1E02A), (0x1D15E, 0x1D172), (0xA8E0, 0xA9CF),
                   (0x302A, 0x302F), (0x61, 0x66)],
    "symbols": [(0xA0, 0xBF), (0x2010, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F),
                (0x2150, 0x22FF), (0x2300, 0x27BF), (0x2E00, 0x2E7F)],
    "math_letters": [(0x1D400, 0x1D7FF)],
    "emoji": [(0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF)],
    "control": [(0x00, 0x1F), (0x7F, 0x9F), (0x61, 0x7A), (0x20, 0x20)],
    "invisible": [(0x200B, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0xFE00, 0xFE0F),
                  (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFD), (0xAD, 0xAD), (0x34F, 0x34F), (0x61, 0x7A)],
    "white_space": [(0x2000, 0x200A), (0x9, 0xD), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680),
                    (0x180E, 0x180E), (0x3000, 0x3000), (0x61, 0x7A)],
    "ascii": [(0x20, 0x7E)],
    "anything": [(0x0, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x10FFFF)],
}

EMOJI = ["👩‍💻", "👨‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "🇩🇪", "🧑🏿‍🚀", "❤️", "1️⃣", "🤷🏻‍♀️", "✅", "🚀", "🐛"]

URLS = ["https://example.org/a/b?q=1&r=%C3%A9#top", "http://user:pw@host.local:8080/~x/",
        "ftp://files.example.com/pub/v1.2.3.tar.gz", "mailto:someone@example.org",
        "www.example.co.uk/index.html?lang=de", "file:///C:/Users/me/My%20Docs/x.txt"]

CODE = ["std::vector<std::string_view> names{};", "if (a != b && c[i] <= 0x1F) { return -1; }",
        "SELECT * FROM tasks WHERE due < '2024-01-01';", "git rebase -i HEAD~3 && make -j2 test",
        "const f = async (x) => await g(`${x}`);", "@app.route(\"/v1/<int:id>\")", "a_b__c.d_e-f",
        "snake_case camelCase PascalCase SCREAMING_SNAKE", "regex: ^\\s*[A-Z]{2,}\\d+$", "#include <a/b.h>"]


class Source:
    """Draws that depend on nothing but random(), whose sequence Python keeps from version to version."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def below(self, limit):
        return int(self._random.random() * limit)

    def pick(self, items):
        return items[self.below(len(items))]

    def letter(self, script):
        while True:
            first, last = self.pick(SCRIPTS[script])
            code_point = first + self.below(last - first + 1)
            if not 0xD800 <= code_point <= 0xDFFF:
                return chr(code_point)

    def word(self, script, longest=8):
        return "".join(self.letter(script) for _ in range(1 + self.below(longest)))

    def plain_words(self, count):
        return " ".join(self.pick(WORDS) for _ in range(count))


def script_text(source, script):
    """A few words of one script, now and then with a plain word between."""
    words = [source.pick(WORDS) if source.below(5) == 0 else source.word(script)
             for _ in range(1 + source.below(8))]
    return source.pick([" ", " ", "", ", ", "\n"]).join(words)


def accents_text(source):
    text = source.plain_words(3) + " " + "".join(
        source.pick("aeiouncsyzAEIOUNCSYZ") + source.letter("marks") for _ in range(1 + source.below(6)))
    return unicodedata.normalize(source.pick(["NFC", "NFD", "NFKC", "NFKD"]), text)


def emoji_text(source):
    parts = [source.pick([source.pick(EMOJI), source.pick(WORDS), source.letter("emoji")])
             for _ in range(2 + source.below(6))]
    return source.pick(["", " ", "\u200d", "\ufe0f"]).join(parts)


def broken_word_text(source):
    """Line breaks, tabs, controls and invisible characters inside words."""
    letters = list(source.plain_words(1 + source.below(5)))
    for _ in range(1 + source.below(6)):
        stray = source.pick(["\n", "\t", "\r\n", "\x00", "\ufeff", "\u200b", "\u200d", "\ufffd", "\x7f",
                             "\x85", "\xad", "\u2028", source.letter("control"),
                             source.letter("invisible"), source.letter("white_space")])
        letters.insert(source.below(len(letters) + 1), stray)
    return "".join(letters)


def long_word_text(source):
    """Words around the limit of 100 characters, counted after cleaning."""
    length = 97 + source.below(7)
    alphabet = source.pick(["a", "ab", "é", "e\u0301", "がき", "한", "\u0130", "x\u200b", "字", "😀", "ё",
                            "tion", "a\x00", "-", "##a"])
    word = (alphabet * 120)[:length * (2 if len(alphabet) > 1 and source.below(2) else 1)]
    return source.pick(["", "fix "]) + word + source.pick(["", " login", "!", "\n"])


def special_text(source):
    parts = []
    for _ in range(1 + source.below(6)):
        special = source.pick(SPECIALS)
        parts.append(source.pick([special, special, special, special.lower(), special[:-1], special[1:],
                                  "[" + special + "]", special.replace("[", "[ "),
                                  special[:2] + "\u200b" + special[2:], special[:2] + "\x00" + special[2:],
                                  "[unused1]", "##ing", "##", "[", "]", source.pick(WORDS)]))
    return source.pick(["", " ", "a", "\u0301", "字"]).join(parts)


def mixed_text(source):
    scripts = list(SCRIPTS)
    return "".join(source.pick([source.word(source.pick(scripts), 4), source.pick(WORDS), " ",
                                source.pick(EMOJI), source.pick(SPECIALS + URLS + CODE)])
                   for _ in range(1 + source.below(10)))


def url_code_text(source):
    parts = [source.pick([source.pick(URLS), source.pick(CODE), source.word("ascii", 20)])
             for _ in range(1 + source.below(3))]
    return source.pick([" ", "\n", ""]).join(parts)


def near_limit_text(source):
    """About 254 tokens, ending within a word of several pieces or a special token."""
    words = [source.pick(["fix", "the", "login", "page", "a", "."]) for _ in range(244 + source.below(14))]
    words += [source.pick(["internationalisation", "[MASK]", "electroencephalographically", "字字字", "ok"])
              for _ in range(source.below(4))]
    return " ".join(words)


def title_text(source):
    text = source.plain_words(1 + source.below(12))
    return source.pick([text, text.upper(), text.title(), text + "!", "  " + text + "\t"])


MAKERS = {"accents": accents_text, "emoji_sequences": emoji_text, "broken_words": broken_word_text,
          "long_words": long_word_text, "special_tokens": special_text, "mixed": mixed_text,
          "urls_code": url_code_text, "near_limit": near_limit_text, "titles": title_text}
GROUPS = list(MAKERS) + list(SCRIPTS)


def hard_text(source, group):
    return MAKERS[group](source) if group in MAKERS else script_text(source, group)


def hard_texts(seed, count):
    """`count` pairs (group, text), the groups in turn; texts near the limit, being long, are rarer."""
    source = Source(seed)
    groups = [group for group in GROUPS if group != "near_limit"] * 2 + ["near_limit"]
    for index in range(count):
        group = groups[index % len(groups)]
        yield group, hard_text(source, group)


def broken_bytes(seed, count):
    """`count` byte strings with damaged UTF-8: cut, overlong, surrogates, too large, stray bytes."""
    source = Source(seed)
    bad = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xe0\x80\x80", b"\xe2\x82", b"\xe2",
           b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xa0\xbd", b"\xef\xbb",
           b"\xf0\x80\x80\x80", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf0", b"\xf4\x90\x80\x80",
           b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xff\xfe"]
    for _ in range(count):
        out = b""
        for _ in range(1 + source.below(6)):
            out += source.pick([source.pick(bad), source.pick(bad), source.pick(WORDS).encode(),
                                source.pick(WORDS).encode(), b" ", source.letter("cjk").encode(),
                                source.pick(EMOJI).encode(), source.pick(EMOJI).encode()[:-1],
                                source.pick(SPECIALS).encode(), bytes([source.below(256)])])
        yield out
