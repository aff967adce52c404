"""Verifies an archive and takes the wanted members out of it, hashing each while it is written."""

import hashlib
import os
import pathlib
import shutil
import tarfile
import zipfile
import zlib

from fetching.errors import FetchError, is_no_space, no_space

CHUNK = 1 << 20


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def verify_archive(package, path):
    found = sha256_of(path)
    if found != package.archive_sha256:
        raise FetchError(
            f"{package.label}: wrong archive SHA-256: expected {package.archive_sha256}, "
            f"found {found}"
        )


def unpack(package, archive, members, stage):
    """Returns [(member, staged path)], each verified and on disk; raises FetchError otherwise."""
    wanted = {member.member: member for member in members}
    staged = []
    try:
        for name, source in _entries(archive, wanted):
            member = wanted.pop(name)
            path = pathlib.Path(stage) / f"member{len(staged)}"
            _write_verified(package, member, source, path)
            staged.append((member, path))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise FetchError(f"{package.label}: damaged archive {archive.name}: {error}") from error
    except OSError as error:
        if is_no_space(error):
            raise no_space(package.label, pathlib.Path(stage).parent) from error
        raise FetchError(f"{package.label}: cannot unpack {archive.name}: {error}") from error
    if wanted:
        raise FetchError(
            f"{package.label}: expected {sorted(wanted)[0]} in {archive.name}, found no such member"
        )
    return staged


def install(staged, cache):
    """Moves verified members to their places, each whole or not at all."""
    for member, path in staged:
        target = pathlib.Path(cache) / member.to
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
        if member.link:
            _link(target.parent / member.link, target.name)
        _sync_directory(target.parent)


def _entries(archive, wanted):
    if archive.suffix in (".whl", ".jar"):
        with zipfile.ZipFile(archive) as bundle:
            for name in [name for name in wanted if name in bundle.namelist()]:
                with bundle.open(name) as source:
                    yield name, source
        return
    left = set(wanted)
    with tarfile.open(archive, "r|gz") as bundle:
        for entry in bundle:
            if entry.name in left and entry.isfile():
                left.discard(entry.name)
                yield entry.name, bundle.extractfile(entry)
            if not left:
                return


def _write_verified(package, member, source, path):
    digest = hashlib.sha256()
    written = 0
    with open(path, "wb") as file:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > member.bytes:
                break
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if written != member.bytes:
        more = "more" if written > member.bytes else str(written)
        raise FetchError(
            f"{package.label}: {member.member}: wrong size: expected {member.bytes} bytes, "
            f"found {more}"
        )
    if digest.hexdigest() != member.sha256:
        raise FetchError(
            f"{package.label}: {member.member}: wrong SHA-256: expected {member.sha256}, "
            f"found {digest.hexdigest()}"
        )


def _link(link, target_name):
    temporary = link.with_name(link.name + ".new")
    if temporary.is_symlink():
        temporary.unlink()
    temporary.symlink_to(target_name)
    os.replace(temporary, link)


def _sync_directory(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_space(package, members, cache):
    """Clients keep the archive twice for a moment: where they download and where they deliver."""
    margin = 16 << 20
    needed = 2 * package.archive_bytes + sum(member.bytes for member in members) + margin
    free = shutil.disk_usage(cache).free
    if free < needed:
        raise no_space(package.label, cache, needed, free)
