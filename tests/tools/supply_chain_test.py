"""tools/supply_chain: the bill of materials holds what is locked; findings are judged."""

import contextlib
import importlib.util
import io
import json
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(name):
    path = ROOT / "tools/supply_chain" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sbom = load("sbom")
audit = load("audit")

# What a work under Apache-2.0 may ship.
SHIPPED_LICENCES = {"MIT", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "ISC", "0BSD", "OFL-1.1"}


class BillOfMaterials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bill = sbom.bill(ROOT)
        cls.by_purl = {entry["purl"]: entry for entry in cls.bill["components"]}

    def test_is_cyclonedx_with_each_package_once(self):
        self.assertEqual(self.bill["bomFormat"], "CycloneDX")
        self.assertEqual(self.bill["specVersion"], "1.5")
        references = [entry["bom-ref"] for entry in self.bill["components"]]
        self.assertEqual(len(references), len(set(references)))
        json.dumps(self.bill)

    def test_every_locked_package_is_in_it(self):
        lock = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))
        names = [path.split("node_modules/")[-1] for path in lock["packages"] if path]
        listed = {entry["name"] for entry in self.bill["components"]}
        self.assertEqual(set(names) - listed, set())
        locked = (ROOT / "tools/requirements.lock").read_text(encoding="utf-8")
        for name, version in re.findall(r"^(\S+)==(\S+)", locked, re.M):
            self.assertIn(f"pkg:pypi/{name.lower()}@{version}", self.by_purl)

    def test_every_npm_lock_is_read(self):
        command = ["git", "-C", str(ROOT), "ls-files", "*package-lock.json"]
        tracked = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.assertEqual(sorted(tracked.split()), sorted(sbom.NPM_LOCKS))

    def test_what_only_tests_take_from_the_system_is_not_shipped(self):
        scopes = {entry["name"]: entry["scope"] for entry in self.bill["components"]}
        for name in ("librapidcheck-dev", "doctest-dev"):
            self.assertEqual(scopes[name], "excluded", name)
        self.assertEqual(scopes["libcli11-dev"], "required")

    def test_every_package_from_a_registry_is_pinned_by_a_hash(self):
        for purl, entry in self.by_purl.items():
            if purl.startswith("pkg:deb/"):
                continue
            self.assertTrue(entry.get("hashes"), purl)
            for digest in entry["hashes"]:
                length = {"SHA-256": 64, "SHA-512": 128, "SHA-1": 40}[digest["alg"]]
                self.assertRegex(digest["content"], f"^[0-9a-f]{{{length}}}$", purl)

    def test_what_is_shipped_may_be_shipped(self):
        shipped = [
            entry
            for purl, entry in self.by_purl.items()
            if entry["scope"] == "required" and purl.startswith("pkg:npm/")
        ]
        names = [entry["name"] for entry in shipped]
        self.assertLessEqual({"lit", *sbom.BUNDLED}, set(names))
        for entry in shipped:
            self.assertIn(sbom.licence_of(entry), SHIPPED_LICENCES, entry["name"])

    def test_what_is_bundled_stands_in_the_notices(self):
        notices = (ROOT / "web/THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
        for name, title in sbom.BUNDLED.items():
            self.assertIn(f"\n| {title}", notices, name)
        lock = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))["packages"]
        for name, title in {"idb": "idb", "lit": "Lit", "onnxruntime-web": "ONNX Runtime Web"}.items():
            version = lock[f"node_modules/{name}"]["version"]
            self.assertIn(f"\n| {title} {version},", notices)

    def test_one_package_in_two_locks_names_both(self):
        one = sbom.component("library", "a", "1", scope="excluded", purl="pkg:x/a@1", source="l1")
        two = sbom.component("library", "a", "1", scope="required", purl="pkg:x/a@1", source="l2")
        (entry,) = sbom.unique([one, two])
        self.assertEqual([p["value"] for p in entry["properties"]], ["l1", "l2"])
        self.assertEqual(entry["scope"], "required")

    def test_the_table_tells_shipped_from_the_rest(self):
        table = sbom.licence_table(self.bill["components"])
        self.assertRegex(table, r"(?m)^\| shipped \| BSD-3-Clause \| .*\blit \d")


class Audit(unittest.TestCase):
    def judge(self, findings, explained=""):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            good = audit.judge("npm audit", findings, explained)
        return good, out.getvalue()

    def test_a_registry_without_audit_is_skipped(self):
        self.assertIsNone(audit.npm_findings({"statusCode": 405}))
        self.assertIsNone(audit.npm_findings(None))
        unknown = {"dependencies": [{"name": "a", "skip_reason": "not found"}]}
        self.assertIsNone(audit.pip_findings(unknown))
        good, said = self.judge(None)
        self.assertTrue(good)
        self.assertIn("skipped", said)

    def test_a_finding_fails_until_it_is_explained(self):
        report = {
            "vulnerabilities": {
                "a": {"via": [{"url": "https://example.org/advisories/GHSA-1", "source": 1}]},
                "b": {"via": ["a"]},
            }
        }
        findings = audit.npm_findings(report)
        self.assertEqual(findings, [("a", "GHSA-1")])
        self.assertFalse(self.judge(findings)[0])
        self.assertTrue(self.judge(findings, "GHSA-1: only in tests")[0])

    def test_findings_of_pip_audit(self):
        report = {
            "dependencies": [
                {"name": "a", "vulns": [{"id": "PYSEC-1"}]},
                {"name": "b", "vulns": []},
                {"name": "c", "skip_reason": "not found"},
            ]
        }
        self.assertEqual(audit.pip_findings(report), [("a", "PYSEC-1")])
        self.assertEqual(audit.pip_findings({"dependencies": [{"name": "b", "vulns": []}]}), [])


if __name__ == "__main__":
    unittest.main()
