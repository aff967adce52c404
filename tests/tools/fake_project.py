"""A copy of tools/ in an empty project, and a PATH that holds a few plain commands and fakes."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAIN = (
    "bash cat chmod cp cut dirname env find flock grep head id kill ln ls mkdir mktemp mv nproc "
    "readlink rm sed sh sleep sort tail touch tr uname"
).split()


class FakeProject:
    """`run` starts a script of the copy; only PLAIN commands and what `fake` adds are found."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "project"
        self.bin = pathlib.Path(folder) / "bin"
        self.bin.mkdir()
        shutil.copytree(ROOT / "tools", self.root / "tools", symlinks=True)
        for name in PLAIN:
            found = shutil.which(name)
            if found:
                (self.bin / name).symlink_to(os.path.realpath(found))

    def fake(self, name, script):
        """A command of that name; `script` is what follows the line that names the shell."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
        path.chmod(0o755)

    def mark_ready(self, setup):
        """As if that setup had been done."""
        stamps = self.root / ".cache/setup"
        stamps.mkdir(parents=True, exist_ok=True)
        (stamps / f"{setup}.stamp").write_text(f"{self.root}\n")

    def run(self, script, *arguments, cwd=None, **environment):
        return subprocess.run(
            [str(self.root / "tools" / script), *arguments],
            cwd=cwd or self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root), "LANG": "C.UTF-8", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def bash(self, commands):
        """Runs commands after the setup's own functions have been read."""
        sources = "".join(
            f"source '{self.root}/tools/setup/{name}.sh'\n" for name in ("env", "steps")
        )
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", sources + commands],
            env={"PATH": str(self.bin), "HOME": str(self.root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
