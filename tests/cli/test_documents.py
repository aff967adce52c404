"""The documents name verbs and options of the command line tool that it has."""

import pathlib
import re
import subprocess
import unittest

from cli_case import ROOT, CliCase, run

CODE = re.compile(r"^```sh\n(.*?)^```|`([^`]+)`", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
# Not a part of the native program: tools/smartsynch starts a script.
SCRIPTS = {"quantize"}


def commands(text):
    """[(word, whether it must be a verb, options)] of every `smartsynch VERB …` and `WORD …` in code."""
    found = []
    for block, span in CODE.findall(text):
        for line in (block or span.replace("\n", " ")).replace("\\\n", " ").splitlines():
            for part in re.split(r"[|;]|&&", line):
                match = re.match(r"\s*((?:tools/)?smartsynch\s+)?([a-z][a-z-]*)\b(.*)", part)
                if match:
                    found.append((match[2], match[1] is not None, OPTION.findall(match[3])))
    return found


def help_of(*words):
    """With that of its subcommands, such as `models list`."""
    text = run(*words, "--help").stdout.decode()
    parts = re.findall(r"^  (\w+)  ", text.partition("\nSubcommands:\n")[2], re.MULTILINE)
    return text + "".join(help_of(*words, part) for part in parts)


class Documents(CliCase):
    def test_named_options(self):
        listed = self.succeed("--help").stdout.decode()
        verbs = set(re.findall(r"^  ([a-z][a-z-]+)  ", listed, re.MULTILINE))
        self.assertIn("cross-validate", verbs)
        helps, seen = {}, 0
        names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.md"], capture_output=True,
                               text=True, check=True).stdout.split()
        for name in names:
            for verb, is_certain, options in commands((pathlib.Path(ROOT) / name).read_text()):
                if verb in SCRIPTS or (verb not in verbs and not is_certain):
                    continue
                with self.subTest(document=name, verb=verb, options=options):
                    self.assertIn(verb, verbs)
                    if verb not in helps:
                        helps[verb] = help_of(verb)
                    self.assertEqual([o for o in options if f"{o} " not in helps[verb]], [])
                    seen += 1
        self.assertGreater(seen, 20)


if __name__ == "__main__":
    unittest.main()
