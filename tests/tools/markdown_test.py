"""What the documents point at is there: links, their anchors, the files they name, npm scripts, presets."""

import json
import pathlib
import posixpath
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^ *```\w+\n(.*?)^ *```|`([^`]+)`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
# A path of the project as a word of a command or a sentence; with NAME to fill in it is none.
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
# Where a path may begin beside the document's own folder and the project's: the folders whose parts are
# named without them.
BASES = ("", "core/include/smartsynch", "web", "web/src", "tests", "tools")
# Its paths are those of the npm package.
OF_THE_PACKAGE = "web/THIRD_PARTY_NOTICES.md"


def anchor(heading):
    """As GitHub makes it: lower case, spaces to hyphens, no punctuation."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def anchors(text):
    found, seen = set(), {}
    for heading in HEADING.findall(FENCE.sub("", text)):
        name = anchor(heading)
        found.add(f"{name}-{seen[name]}" if name in seen else name)
        seen[name] = seen.get(name, 0) + 1
    return found


def broken_links(documents, entries):
    """["FILE: TARGET", …]; documents: {path: text}, entries: every path of the project."""
    broken = []
    for name, text in documents.items():
        for target in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, fragment = target.partition("#")
            place = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if place not in entries or (fragment and fragment not in anchors(documents.get(place, ""))):
                broken.append(f"{name}: {target}")
    return broken


def missing_paths(documents, entries, ignored):
    """The same for paths in code; a word is one when its first part is a folder where it may begin."""
    folders = {posixpath.dirname(entry) for entry in entries}
    missing = []
    for name, text in documents.items():
        bases = [posixpath.dirname(name), *BASES]
        for match in CODE.finditer(text):
            for path in map(posixpath.normpath, PATH.findall(match[1] or match[2])):
                first = path.split("/")[0]
                places = [posixpath.normpath(posixpath.join(base, path)) for base in bases]
                begins = [posixpath.normpath(posixpath.join(base, first)) in folders for base in bases]
                if not any(begins) or "NAME" in path:
                    continue
                if not any(place in entries for place in places) and not ignored(places):
                    missing.append(f"{name}: {path}")
    return missing


def git_ignores(places):
    """Whether one of the places is made by a build or a run: git is told to ignore it."""
    inside = [place for place in places if not place.startswith("..")]
    command = ["git", "-C", str(ROOT), "check-ignore", *inside, *(f"{place}/" for place in inside)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def project():
    """({document: text}, {path of every file and folder})"""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    files = [name for name in listed if name and (ROOT / name).exists()]
    folders = {str(parent) for name in files for parent in pathlib.PurePosixPath(name).parents}
    documents = {name: (ROOT / name).read_text(encoding="utf-8") for name in files if name.endswith(".md")}
    return documents, {*files, *folders}


class Checker(unittest.TestCase):
    TEXTS = {
        "README.md": "# A `b`, c!\n## Twice\n## Twice\n```sh\n# not a heading\n```\n",
        "sub/README.md": "",
    }
    ENTRIES = {".", "README.md", "sub", "sub/README.md", "sub/a.py"}

    def links(self, text, name="README.md"):
        documents = {**self.TEXTS, name: self.TEXTS[name] + text}
        return [line.removeprefix(f"{name}: ") for line in broken_links(documents, self.ENTRIES)]

    def paths(self, text, ignored=lambda places: False):
        return missing_paths({"sub/README.md": text}, self.ENTRIES, ignored)

    def test_a_link_needs_its_file(self):
        self.assertEqual(self.links("[x](sub/README.md) [x](sub) [x](https://example.org/#y)"), [])
        self.assertEqual(self.links("[x](../README.md#twice) [x](a.py)", "sub/README.md"), [])
        self.assertEqual(self.links("[x](sub/b.py) ![x](a.py)"), ["sub/b.py", "a.py"])

    def test_an_anchor_needs_its_heading(self):
        self.assertEqual(self.links("[x](#a-b-c) [x](#twice) [x](#twice-1)"), [])
        wrong = ["#twice-2", "#not-a-heading", "sub/README.md#twice", "sub/a.py#twice"]
        self.assertEqual(self.links(" ".join(f"[x]({link})" for link in wrong)), wrong)

    def test_a_path_in_code_is_there(self):
        self.assertEqual(self.paths("`sub/a.py --x` `either/or` `sub/*.py`\n```sh\nsub/a.py\n```\n"), [])
        self.assertEqual(self.paths("`sub/b.py`"), ["sub/README.md: sub/b.py"])
        self.assertEqual(self.paths("```sh\nrun sub/b.py\n```\n"), ["sub/README.md: sub/b.py"])
        self.assertEqual(self.paths("`sub/made.txt`", lambda places: "sub/made.txt" in places), [])


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.documents, cls.entries = project()

    def test_links_and_anchors(self):
        self.assertEqual(broken_links(self.documents, self.entries), [])

    def test_named_paths(self):
        documents = {name: text for name, text in self.documents.items() if name != OF_THE_PACKAGE}
        self.assertEqual(missing_paths(documents, self.entries, git_ignores), [])

    def test_named_npm_scripts(self):
        scripts = json.loads((ROOT / "web/package.json").read_text(encoding="utf-8"))["scripts"]
        named = set(re.findall(r"npm (?:--prefix web )?run ([\w:]+)", "\n".join(self.documents.values())))
        self.assertNotEqual(named, set())
        self.assertEqual(named - set(scripts), set())

    def test_named_presets(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))["configurePresets"]
        named = set(re.findall(r"--preset ([\w-]+)", "\n".join(self.documents.values())))
        self.assertNotEqual(named, set())
        self.assertEqual(named - {preset["name"] for preset in presets}, set())


if __name__ == "__main__":
    unittest.main()
