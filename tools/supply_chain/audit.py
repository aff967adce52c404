#!/usr/bin/env python3
"""Asks the registries for known weaknesses of what is locked: npm audit and pip-audit.

  tools/supply_chain/audit.py

Exit status 1 when one is found that .github/SECURITY.md does not name by its identifier. A registry
that offers no audit (a mirror, or none without a network) is reported as skipped. pip-audit itself
is pinned: tools/setup/pinned_venv.sh pip_audit.
"""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from sbom import NPM_LOCKS, ROOT, python_locks, python_packages  # noqa: E402


def run_json(command, folder):
    """What a program prints as JSON; None when it prints none."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


def npm_findings(report):
    """[(package, identifier)] of `npm audit --json`; None when the registry gave no answer."""
    if report is None or "vulnerabilities" not in report:
        return None
    found = []
    for name, entry in report["vulnerabilities"].items():
        for via in entry.get("via", []):
            if isinstance(via, dict):  # a string names the package that the finding comes from
                found.append((name, via.get("url", "").rsplit("/", 1)[-1] or str(via["source"])))
    return found


def pip_findings(report):
    """The same of `pip-audit --format json`; None when it could ask about no package at all."""
    if report is None:
        return None
    asked = [entry for entry in report["dependencies"] if "skip_reason" not in entry]
    if not asked:
        return None
    return [(entry["name"], vuln["id"]) for entry in asked for vuln in entry.get("vulns", [])]


def judge(what, findings, explained):
    """Prints what was found; True when nothing is left unexplained."""
    if findings is None:
        print(f"{what}: skipped, the registry offers no audit")
        return True
    unexplained = [finding for finding in findings if finding[1] not in explained]
    for name, identifier in findings:
        note = "explained in SECURITY.md" if identifier in explained else "NOT explained"
        print(f"{what}: {name}: {identifier} ({note})")
    print(f"{what}: {len(findings)} known weaknesses, {len(unexplained)} unexplained")
    return not unexplained


def main():
    explained = (ROOT / ".github/SECURITY.md").read_text(encoding="utf-8")
    good = True
    for lock in NPM_LOCKS:
        folder = (ROOT / lock).parent
        report = run_json(["npm", "audit", "--json", "--package-lock-only"], folder)
        good = judge(f"npm audit {lock}", npm_findings(report), explained) and good
    program = ROOT / ".cache/pip_audit/bin/pip-audit"
    for lock in python_locks(ROOT):
        what = f"pip-audit {lock.relative_to(ROOT).as_posix()}"
        if not program.is_file():
            print(f"{what}: skipped, tools/setup/pinned_venv.sh pip_audit installs it")
            continue
        plain = ROOT / ".cache/pip_audit/requirements.txt"
        packages = python_packages(lock.read_text(encoding="utf-8"))
        plain.write_text("".join(f"{name}=={version}\n" for name, version, _ in packages))
        command = [program, "--no-deps", "--disable-pip", "--format", "json", "-r", plain]
        good = judge(what, pip_findings(run_json(command, ROOT)), explained) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
