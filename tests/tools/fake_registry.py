"""A small registry on disk: archives, a lock file for them, fake `pip`, `npm` and `mvn` to put on PATH.

FAKE_MODE chooses what the clients do: ok (default), pause (a while, then ok), no-network, no-space,
slow (write a part, then hang until killed), empty (succeed without an archive), other (deliver
other bytes).
"""

import hashlib
import io
import json
import os
import pathlib
import stat
import tarfile
import zipfile

CLIENT = """#!/usr/bin/env python3
import os, pathlib, shutil, sys, time
registry = pathlib.Path({registry!r})
with open(registry / "calls", "a") as calls:
    calls.write(" ".join(sys.argv) + chr(10))
if "dependency:copy" in sys.argv:
    out = pathlib.Path(sys.argv[-1].removeprefix("-DoutputDirectory="))
    out.mkdir(exist_ok=True)
else:
    flag = "--dest" if sys.argv[1] == "download" else "--pack-destination"
    out = pathlib.Path(sys.argv[sys.argv.index(flag) + 1])
mode = os.environ.get("FAKE_MODE", "ok")
archive = registry / "archives" / {archive!r}
if mode == "no-network":
    print("WARNING: Retrying after: Failed to establish a new connection: name resolution')")
    print("ERROR: No matching distribution found")
    sys.exit(1)
if mode == "no-space":
    print("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
    sys.exit(1)
if mode == "slow":
    (out / archive.name).write_bytes(archive.read_bytes()[:100])
    (registry / "pid").write_text(str(os.getpid()))
    time.sleep(600)
if mode == "pause":
    time.sleep(1.5)
if mode == "other":
    (out / archive.name).write_bytes(b"other bytes")
elif mode != "empty":
    shutil.copy(archive, out / archive.name)
"""


CLIENTS = {"pypi": ("pip", ".whl"), "npm": ("npm", ".tgz"), "maven": ("mvn", ".jar")}


class FakeRegistry:
    """`root` holds archives/, bin/ (first on PATH), lock.json and cache/."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.cache = self.root / "cache"
        self.lock = self.root / "lock.json"
        self.packages = []
        for folder in ("archives", "bin"):
            (self.root / folder).mkdir()
        self.environment = {
            **os.environ,
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def add(self, registry, group, members, **changes):
        """One package with members {path in archive: (place in the cache, bytes)}."""
        name = f"{group}-package"
        client, extension = CLIENTS[registry]
        archive = group + extension
        path = self.root / "archives" / archive
        (write_tarball if registry == "npm" else write_wheel)(
            path, {inner: data for inner, (_, data) in members.items()}
        )
        package = {
            "name": name,
            "version": "1.0",
            "registry": registry,
            "archive": archive,
            "archive_bytes": path.stat().st_size,
            "archive_sha256": sha256(path.read_bytes()),
            "licence": "Apache-2.0",
            "members": [
                {
                    "group": group,
                    "member": inner,
                    "to": to,
                    "bytes": len(data),
                    "sha256": sha256(data),
                }
                for inner, (to, data) in members.items()
            ],
        }
        package.update(changes)
        self.packages.append(package)
        self.write_client(client, archive)
        self.save()
        return package

    def save(self):
        self.lock.write_text(json.dumps({"format": 1, "about": "test", "packages": self.packages}))

    def write_client(self, client, archive):
        path = self.root / "bin" / client
        path.write_text(CLIENT.format(registry=str(self.root), archive=archive))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def calls(self):
        path = self.root / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def files(self):
        """What is in the cache, the lock and the record left out."""
        if not self.cache.exists():
            return []
        own = {"fetch.lock", "fetched.json"}
        return sorted(
            str(path.relative_to(self.cache))
            for path in self.cache.rglob("*")
            if not path.is_dir() and path.name not in own
        )


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write_wheel(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in members.items():
            bundle.writestr(name, data)


def write_tarball(path, members):
    with tarfile.open(path, "w:gz") as bundle:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            bundle.addfile(entry, io.BytesIO(data))
