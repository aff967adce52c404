"""Requests made from /openapi.json by schemathesis, good ones and bad ones: none may break a promise
of the description. Skipped where tools/setup/pinned_venv.sh schemathesis has not run."""

import os
import subprocess
import unittest

from server_case import ROOT, ServerCase

PROGRAM = ROOT / ".cache" / "schemathesis" / "bin" / "schemathesis"
EXAMPLES = os.environ.get("SMARTSYNCH_SCHEMA_EXAMPLES", "40")


@unittest.skipUnless(PROGRAM.exists(), "schemathesis is not installed (tools/setup/pinned_venv.sh schemathesis)")
class SchemaTest(ServerCase):
    arguments = ("--tier", "instant")

    def test_no_request_breaks_the_description(self):
        done = subprocess.run(
            [PROGRAM, "run", f"http://{self.server.host}:{self.server.port}/openapi.json",
             "--max-examples", EXAMPLES, "--seed", "7", "--no-color",
             # An experiment needs versions that are there, which random text does not name; and a
             # name that is not there may be answered with 404 whatever the body is.
             "--exclude-checks", "positive_data_acceptance"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=800,
            cwd=self.server.folder)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        self.assertRegex(done.stdout, r"[0-9,]+ generated, [0-9,]+ passed")
        self.assert_healthy()


if __name__ == "__main__":
    unittest.main()
