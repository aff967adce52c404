"""Real PostgreSQL, Redis, nginx and replicas of `serve`, each of which can be killed and started
again where it was. From the system's packages, in a temporary folder."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from server_case import ENVIRONMENT, PROGRAM, ROOT

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def find_program(name):
    return shutil.which(name, path=PATH)


def postgres_folder():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def missing_packages():
    """What is not installed of what these machines need, as words for a skipped test."""
    missing = [name for name in ("redis-server", "nginx") if not find_program(name)]
    return missing + ([] if postgres_folder() else ["postgresql"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class Process:
    """A program in the foreground on a port of its own."""

    def __init__(self, command, port, log, environment=None):
        self.command, self.port, self.log = [str(part) for part in command], port, log
        self.environment = environment
        self.process = None
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=self.environment
            )
        if not wait_until(lambda: answers(self.port)):
            raise AssertionError(f"{self.command[0]}: {self.log.read_text(errors='replace')}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


class Postgres:
    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()
        self.programs = postgres_folder()
        self.as_user = []
        if os.geteuid() == 0:  # PostgreSQL refuses root; the package brings a user of its own
            self.as_user = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-A", "trust", "-U", "smartsynch", "-E", "UTF8", "--no-sync")
        self.start()

    @property
    def address(self):
        return f"postgresql:///postgres?host={self.folder}&user=smartsynch"

    def run(self, program, *arguments):
        command = [self.programs / program, "-D", self.folder / "data", *arguments]
        subprocess.run(self.as_user + [str(part) for part in command], check=True, cwd="/", **QUIET)

    def start(self):
        socket_only = f"-k {self.folder} -c listen_addresses=''"
        self.run("pg_ctl", "-w", "-l", self.folder / "log", "-o", socket_only, "start")

    def kill(self):
        self.run("pg_ctl", "-m", "immediate", "stop")

    def rows(self, query):
        command = [self.programs / "psql", "-AtX", "-F", "\t", "-c", query, self.address]
        done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE)
        return [line.split("\t") for line in done.stdout.decode().splitlines()]


class Machines:
    """All of them; `close()` ends them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_machines_"))
        self.folder.chmod(0o755)
        self.postgres = Postgres(self.folder / "postgres")
        self.redis = self.start_redis()
        self.replicas = [self.start_replica(number) for number in (1, 2)]
        self.nginx = self.start_nginx()

    def start_redis(self):
        port = free_port()
        command = [find_program("redis-server"), "--port", port, "--bind", "127.0.0.1",
                   "--save", "", "--dir", self.folder]
        return Process(command, port, self.folder / "redis.log")

    def start_replica(self, number):
        port = free_port()
        command = [PROGRAM, "serve", "--port", port, "--state", self.folder / f"state{number}",
                   "--redis", f"redis://127.0.0.1:{self.redis.port}",
                   "--postgres", self.postgres.address]
        return Process(command, port, self.folder / f"replica{number}.log", ENVIRONMENT)

    def start_nginx(self):
        """The deployed configuration, with this machine's addresses and folders."""
        port = free_port()
        text = (ROOT / "tools/server/deploy/nginx.conf").read_text(encoding="utf-8")
        changes = [("listen 8080", f"listen 127.0.0.1:{port}"), ("/tmp/nginx", f"{self.folder}/nginx"),
                   ("worker_processes auto;", "worker_processes 1;")]
        changes += [(f"replica{i + 1}:8765", f"127.0.0.1:{replica.port}")
                    for i, replica in enumerate(self.replicas)]
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / "nginx.conf"
        path.write_text(text, encoding="utf-8")
        command = [find_program("nginx"), "-c", path, "-p", self.folder, "-g", "daemon off;"]
        return Process(command, port, self.folder / "nginx.log")

    def close(self):
        for process in (self.nginx, *self.replicas, self.redis):
            process.stop()
        self.postgres.kill()
        shutil.rmtree(self.folder, True)
