"""Every curl command that the READMEs show, sent to a real server as it stands there."""

import json
import re
import subprocess
import unittest

from server_case import ROOT, Server

DOCUMENTS = ("README.md", "tools/server/README.md")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def curl_commands(text):
    lines = [line for block in SHELL.findall(text) for line in block.splitlines()]
    return [line for line in lines if re.search(r"(^|\| *)curl ", line)]


class Readme(unittest.TestCase):
    def test_curl_commands(self):
        server = Server()
        self.addCleanup(server.close)
        for name in DOCUMENTS:
            commands = curl_commands((ROOT / name).read_text(encoding="utf-8"))
            self.assertNotEqual(commands, [], name)
            for command in commands:
                with self.subTest(command=command):
                    here, count = re.subn(r"localhost:\d+", f"localhost:{server.port}", command)
                    self.assertEqual(count, 1)
                    done = subprocess.run(["bash", "-c", here], capture_output=True, timeout=60)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("decision", json.loads(done.stdout), done.stdout)


if __name__ == "__main__":
    unittest.main()
