"""Remembers which files were verified, so that a look at size and time tells them unchanged."""

import json
import os
import pathlib

from fetching.unpack import sha256_of

NAME = "fetched.json"


class State:
    """A record per file: SHA-256, bytes, time. A lost record only costs a new hashing."""

    def __init__(self, cache):
        self._cache = pathlib.Path(cache)
        self._path = self._cache / NAME
        try:
            self._records = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._records = {}
        if not isinstance(self._records, dict):
            self._records = {}

    def has(self, member, deep=False):
        """True when the pinned file is there; `deep` hashes it whatever the record says."""
        target = self._cache / member.to
        if not target.is_file() or target.stat().st_size != member.bytes:
            return False
        if member.link and not (target.parent / member.link).is_symlink():
            return False
        if not deep and self._records.get(member.to) == self._record(member):
            return True
        if sha256_of(target) != member.sha256:
            return False
        self.remember([member])
        return True

    def remember(self, members):
        for member in members:
            self._records[member.to] = self._record(member)
        temporary = self._path.with_name(NAME + ".new")
        temporary.write_text(
            json.dumps(self._records, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        os.replace(temporary, self._path)

    def _record(self, member):
        status = (self._cache / member.to).stat()
        return {"sha256": member.sha256, "bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
