"""Runs a registry's ordinary client in the background and watches its files grow."""

import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

from fetching.errors import FetchError, no_space
from fetching.progress import Progress

POLL_SECONDS = 0.2
NETWORK_SIGNS = re.compile(
    r"failed to establish|name resolution|resolve host|connection (refused|reset|aborted|error)"
    r"|network is unreachable|timed? ?out|max retries|socket hang up|certificate|proxy"
    r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH"
    r"|no matching distribution|could not find a version",
    re.IGNORECASE,
)
NO_SPACE_SIGNS = re.compile(r"no space left|ENOSPC|disk quota", re.IGNORECASE)
PIP_HASH_SIGNS = re.compile(r"Expected sha256 ([0-9a-f]{64}).*?Got\s+([0-9a-f]{64})", re.DOTALL)


def download(package, stage):
    """Leaves the archive, and nothing else, in `stage` and returns its path. Raises FetchError."""
    work = pathlib.Path(stage) / "client"
    out = pathlib.Path(stage) / "archive"
    work.mkdir()
    out.mkdir()
    # In English, for the signs looked for below.
    environment = {**os.environ, "TMPDIR": str(work), "LC_ALL": "C.UTF-8"}
    log_path = work / "client.log"
    progress = Progress(package.label, package.archive_bytes)
    with open(log_path, "wb") as log:
        try:
            process = subprocess.Popen(
                _command(package, work, out),
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        except OSError as error:
            progress.clear()
            raise FetchError(
                f"{package.label}: cannot start the package client: {error.strerror}"
            ) from error
        try:
            while _running(process):
                progress.show(min(_largest_file(stage), package.archive_bytes))
        finally:
            _end(process)
    if process.returncode != 0:
        progress.clear()
        raise _failure(package, process.returncode, log_path.read_text(errors="replace"), stage)
    archives = [path for path in out.iterdir() if path.is_file()]
    if len(archives) != 1:
        progress.clear()
        names = ", ".join(sorted(path.name for path in archives)) or "nothing"
        raise FetchError(f"{package.label}: expected the archive {package.archive}, found {names}")
    shutil.rmtree(work)
    progress.finish("downloaded")
    return archives[0]


def _command(package, work, out):
    if package.registry == "pypi":
        requirements = work / "requirements.txt"
        requirements.write_text(
            f"{package.name}=={package.version} --hash=sha256:{package.archive_sha256}\n"
        )
        return [
            *_find("pip", package),
            "download",
            "--no-deps",
            "--require-hashes",
            "--no-cache-dir",
            "--only-binary",
            ":all:",
            "--progress-bar",
            "off",
            "--dest",
            str(out),
            "-r",
            str(requirements),
        ]
    if package.registry == "maven":
        return [
            *_find("mvn", package),
            "--batch-mode",
            "--quiet",
            f"-Dmaven.repo.local={work / 'repository'}",
            "dependency:copy",
            f"-Dartifact={package.name}:{package.version}",
            f"-DoutputDirectory={out}",
        ]
    return [
        *_find("npm", package),
        "pack",
        f"{package.name}@{package.version}",
        "--ignore-scripts",
        "--pack-destination",
        str(out),
        "--cache",
        str(work / "cache"),
        "--loglevel",
        "error",
        "--fetch-retry-mintimeout",
        "1000",
        "--fetch-retry-maxtimeout",
        "5000",
    ]


def _find(client, package):
    path = shutil.which(client)
    if path is None:
        # Maven serves a benchmark alone, so tools/setup.sh does not bring it.
        cure = "install the package maven" if client == "mvn" else "run tools/setup.sh"
        raise FetchError(
            f"{package.label}: expected the client {client!r} on PATH, found none: {cure}"
        )
    return [path]


def _die_with_parent():
    # A client must not go on writing when this program is killed outright.
    if sys.platform.startswith("linux"):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _running(process):
    try:
        process.wait(POLL_SECONDS)
        return False
    except subprocess.TimeoutExpired:
        return True


def _end(process):
    if process.poll() is not None:
        return
    for number, patience in ((signal.SIGTERM, 2.0), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
            return
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def _largest_file(directory):
    # Clients write the archive once or twice under names of their own; the largest is the furthest.
    largest = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                largest = max(largest, os.lstat(os.path.join(folder, name)).st_size)
            except OSError:
                continue
    return largest


def _failure(package, code, log, stage):
    mismatch = PIP_HASH_SIGNS.search(log)
    if mismatch:
        return FetchError(
            f"{package.label}: wrong archive SHA-256: expected {mismatch[1]}, found {mismatch[2]}"
        )
    if NO_SPACE_SIGNS.search(log):
        return no_space(package.label, pathlib.Path(stage).parent)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    signs = [sign for sign in map(NETWORK_SIGNS.search, lines) if sign]
    if signs:
        found = signs[0].string[signs[0].start() :][:160].rstrip("'\"):(")
        return FetchError(
            f"{package.label}: no network, or the package registry does not answer: "
            f"expected {package.archive}, found: {found}"
        )
    last = lines[-1][:300] if lines else "no message"
    return FetchError(
        f"{package.label}: the package client failed: expected {package.archive}, "
        f"found exit status {code}: {last}"
    )
