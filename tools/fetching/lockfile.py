"""Reads tools/packages.lock.json: which member of which archive belongs where, sizes, hashes.

A package is {name, version, registry, archive, archive_bytes, archive_sha256,
licence, members}, where registry is "pypi", "npm" or "maven" (name GROUP:ARTIFACT); a member is {group, member, to, bytes, sha256} and, where it applies, `machine`
(only there) and `link` (a second name beside it). `to` is relative to the cache directory.
"""

import dataclasses
import json
import pathlib
import platform
import re

from fetching.errors import FetchError

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
REGISTRIES = ("pypi", "npm", "maven")


@dataclasses.dataclass(frozen=True)
class Member:
    group: str
    member: str
    to: str
    bytes: int
    sha256: str
    machine: str = ""
    link: str = ""


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    registry: str
    archive: str
    archive_bytes: int
    archive_sha256: str
    licence: str
    members: tuple

    @property
    def label(self):
        return f"{self.name} {self.version}"


def read(path):
    """The packages of a lock file; FetchError names the first entry that is not as expected."""
    try:
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        if document["format"] != 1:
            raise FetchError(f"{path}: format: expected 1, found {document['format']!r}")
        packages = []
        for entry in document["packages"]:
            members = tuple(Member(**member) for member in entry["members"])
            packages.append(Package(**{**entry, "members": members}))
    except OSError as error:
        raise FetchError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(f"{path}: not a lock file: {error}") from error
    for package in packages:
        _check(path, package)
    return packages


def select(packages, groups, machine=None):
    """[(package, members)] for the groups asked for, members of another machine left out."""
    known = {member.group for package in packages for member in package.members}
    for group in groups:
        if group not in known:
            raise FetchError(f"unknown group {group!r}: expected one of {', '.join(sorted(known))}")
    found = machine or platform.machine()
    machine = MACHINES.get(found.lower(), found)
    chosen = []
    for package in packages:
        wanted = [member for member in package.members if member.group in groups]
        members = [m for m in wanted if m.machine in ("", machine)]
        if any(m.machine for m in wanted) and not any(m.machine for m in members):
            offered = ", ".join(sorted({m.machine for m in wanted if m.machine}))
            raise FetchError(
                f"{package.label}: nothing for this machine: expected {offered}, found {machine}"
            )
        if members:
            chosen.append((package, members))
    return chosen


def _check(path, package):
    """Refuses what could write outside the cache directory or pass without a check."""
    where = f"{path}: {package.name}"
    if package.registry not in REGISTRIES:
        raise FetchError(
            f"{where}: registry: expected {' or '.join(REGISTRIES)}, found {package.registry!r}"
        )
    for text in (package.name, package.version):
        if not re.fullmatch(r"(@[\w.-]+/|\w[\w.-]*:)?\w[\w.+-]*", text):
            raise FetchError(f"{where}: not a package name or version: {text!r}")
    for digest in (package.archive_sha256, *(member.sha256 for member in package.members)):
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise FetchError(f"{where}: expected 64 hexadecimal digits, found {digest!r}")
    for member in package.members:
        target = pathlib.PurePosixPath(member.to)
        if target.is_absolute() or ".." in target.parts or not target.parts:
            raise FetchError(
                f"{where}: expected a path below the cache directory, found {member.to!r}"
            )
        if "/" in member.link or member.link in (".", ".."):
            raise FetchError(f"{where}: expected a plain file name, found {member.link!r}")
