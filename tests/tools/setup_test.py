"""tools/setup.sh on systems that lack things: what it says, what it would install, and as whom."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fake_project import FakeProject  # noqa: E402

APT_GET = """printf 'apt-get %s (%s)\\n' "$*" "${DEBIAN_FRONTEND:-}" >> "$HOME/calls"
[[ " $* " == *" install "* ]] || exit 0
for name in cmake ninja g++ python3 pkg-config; do
  printf '#!/bin/sh\\n[ "$1" = --version ] && echo "cmake version 3.20.1"\\n' > "@BIN@/$name"
  echo 'exit 0' >> "@BIN@/$name"
  chmod +x "@BIN@/$name"
done"""
APT_CACHE = 'printf "  Candidate: %s\\n" "${CANDIDATE:-1.0}"'
SUDO = 'echo "sudo $*" >> "$HOME/calls"; exec "$@"'


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = FakeProject(folder.name)

    def with_apt(self, user):
        self.project.fake("apt-get", APT_GET.replace("@BIN@", str(self.project.bin)))
        self.project.fake("apt-cache", APT_CACHE)
        self.project.fake("id", f"echo {user}")

    def calls(self):
        path = self.project.root / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def test_without_apt_says_what_to_install(self):
        result = self.project.run("setup.sh", "--native")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no apt", result.stderr)
        for package in ("cmake", "ninja-build", "g++", "python3-venv"):
            self.assertIn(f" {package}", result.stderr)
        for package in ("chromium", "emscripten"):
            self.assertNotIn(package, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_each_profile_asks_for_its_own(self):
        asked = {
            profile: self.project.run("setup.sh", f"--{profile}").stderr
            for profile in ("native", "web", "all")
        }
        self.assertIn("emscripten", asked["web"])
        self.assertNotIn("g++", asked["web"])
        self.assertNotIn("chromium", asked["web"])
        for package in ("emscripten", "g++", "chromium", "clang-tidy-14", "shellcheck"):
            self.assertIn(package, asked["all"])

    def test_neither_root_nor_sudo(self):
        self.with_apt(user=1000)
        result = self.project.run("setup.sh", "--native")
        self.assertEqual(result.returncode, 1)
        self.assertIn("not root and no sudo", result.stderr)
        self.assertIn("apt-get install cmake ninja-build", result.stderr)
        self.assertEqual(self.calls(), [])

    def test_an_ordinary_user_installs_with_sudo(self):
        self.with_apt(user=1000)
        self.project.fake("sudo", SUDO)
        self.project.run("setup.sh", "--native")
        calls = self.calls()
        self.assertTrue(
            calls[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get"), calls
        )
        self.assertEqual(sum(call.startswith("sudo ") for call in calls), 2)
        self.assertIn("--no-install-recommends cmake ninja-build", calls[-1])
        self.assertIn("(noninteractive)", calls[-1])

    def test_root_needs_no_sudo(self):
        self.with_apt(user=0)
        self.project.fake("sudo", SUDO)
        result = self.project.run("setup.sh", "--native")
        self.assertEqual([call for call in self.calls() if call.startswith("sudo")], [])
        # The fake apt-get brought a CMake that is too old.
        self.assertEqual(result.returncode, 1)
        self.assertIn("cmake: expected 3.23 or newer, found 3.20.1", result.stderr)

    def test_a_package_that_the_lists_lack(self):
        self.with_apt(user=0)
        self.project.fake("apt-cache", 'echo "  Candidate: (none)"')
        result = self.project.run("setup.sh", "--native")
        self.assertEqual(result.returncode, 1)
        self.assertIn("package not found: cmake", result.stderr)

    def test_takes_the_first_alternative_that_is_known(self):
        self.with_apt(user=0)
        self.project.fake(
            "apt-cache",
            '[[ $2 == clang-*-14 ]] && echo "  Candidate: (none)" || echo "  Candidate: 1"',
        )
        self.project.run("setup.sh", "--all")
        install = next(call for call in self.calls() if " install " in call)
        self.assertIn(" clang-tidy ", install)
        self.assertNotIn("clang-tidy-14", install)

    def test_an_installation_that_fails(self):
        self.with_apt(user=0)
        self.project.fake("apt-get", 'echo "E: the disk is full"; [[ " $* " == *" update "* ]]')
        result = self.project.run("setup.sh", "--native")
        self.assertEqual(result.returncode, 1)
        self.assertIn("E: the disk is full", result.stderr)
        self.assertIn("apt-get install failed", result.stderr)

    def test_engines_that_cannot_be_installed_are_named(self):
        result = self.project.run("setup/engines.sh")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        for engine in ("firefox", "webkit", "emulator"):
            self.assertIn(f"{engine} is missing: its tests will be skipped", result.stderr)

    def test_usage(self):
        for script in ("setup.sh", "demo.sh", "test.sh"):
            result = self.project.run(script, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"tools/{script} [", result.stdout)
            result = self.project.run(script, "--wrong")
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn("unknown argument --wrong", result.stderr)
        for port in ("", "0", "65536", "80x", "-1"):
            result = self.project.run("demo.sh", "--port", port)
            self.assertEqual(result.returncode, 2, port)
            self.assertIn("--port: expected a number", result.stderr)

    def test_the_node_on_path_is_taken_when_it_is_new_enough(self):
        commands = (
            "mkdir -p $SMARTSYNCH_STAMPS\nmake_venv() { :; }\npip_install() { echo own; exit; }\n"
        )
        for version, npm, expected in (
            ("v18.20.4", True, "own"),
            ("v20.18.9", True, "own"),
            ("v20.19.0", True, "path"),
            ("v22.11.0", True, "own"),
            ("v22.12.0", True, "path"),
            ("v24.1.0", True, "path"),
            ("v24.1.0", False, "own"),
            ("not a version", True, "own"),
            (None, True, "own"),
        ):
            for name in ("node", "npm"):
                (self.project.bin / name).unlink(missing_ok=True)
            if version:
                self.project.fake("node", f"echo '{version}'")
            if npm:
                self.project.fake("npm", "echo 10.0.0")
            result = self.project.bash(commands + "choose_node; echo path")
            self.assertEqual(result.stdout.strip(), expected, (version, npm, result.stderr))


if __name__ == "__main__":
    unittest.main()
