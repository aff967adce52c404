#!/usr/bin/env python3
"""The software bill of materials, from the lock files: what is shipped, and what builds and tests it.

  tools/supply_chain/sbom.py --out build/sbom.cdx.json     CycloneDX 1.5
  tools/supply_chain/sbom.py --licences                    the licences, as a Markdown table

Versions and hashes come from the lock files, whichever machine this runs on. npm's lock and
packages.lock.json name licences themselves; a Python package's is read where it is installed
(.cache/*), a Debian package's version and licences where the package is installed. Standard library
only.
"""

import argparse
import base64
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON_LOCK_LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)|--hash=sha256:([0-9a-f]{64})", re.M)
ARCHIVE_LOCKS = ("tools/packages.lock.json", "tests/bench/browser/peers.lock.json")
NPM_LOCKS = (
    "web/package-lock.json",
    "web/examples/package-lock.json",
    "tests/bench/peers/package-lock.json",
    "tests/engines/package-lock.json",
    "tests/packages/package-lock.json",
)

# npm packages that are installed for building alone, but whose files or code go into web/dist; each
# stands in web/THIRD_PARTY_NOTICES.md.
BUNDLED = {
    "idb": "idb ",
    "onnxruntime-web": "ONNX Runtime Web ",
}


def component(kind, name, version, *, scope, purl=None, hashes=(), licence="", source=""):
    """One entry of the list; `scope` is CycloneDX's: required (shipped) or excluded (not shipped)."""
    entry = {"type": kind, "name": name, "version": version, "scope": scope}
    if purl:
        entry["bom-ref"] = entry["purl"] = purl
    if hashes:
        entry["hashes"] = [{"alg": algorithm, "content": value} for algorithm, value in hashes]
    if licence:
        simple = re.fullmatch(r"[A-Za-z0-9.+-]+", licence) is not None
        entry["licenses"] = [{"license": {"name": licence}} if simple else {"expression": licence}]
    entry["properties"] = [{"name": "smartsynch:locked-in", "value": source}]
    return entry


def npm_components(root):
    for lock in NPM_LOCKS:
        packages = json.loads((root / lock).read_text(encoding="utf-8"))["packages"]
        for path, package in packages.items():
            if not path or package.get("link"):
                continue
            name = path.split("node_modules/")[-1]
            shipped = lock == NPM_LOCKS[0] and (not package.get("dev") or name in BUNDLED)
            hashes = []
            if "integrity" in package:
                algorithm, digest = package["integrity"].split("-", 1)
                hexadecimal = base64.b64decode(digest).hex()
                hashes.append((algorithm.replace("sha", "SHA-").upper(), hexadecimal))
            version = package["version"]
            yield component(
                "library",
                name,
                version,
                scope="required" if shipped else "excluded",
                purl=f"pkg:npm/{name.replace('@', '%40')}@{version}",
                hashes=hashes,
                licence=package.get("license", ""),
                source=lock,
            )


def archive_components(root):
    """What tools/fetch.py takes files from."""
    for lock in ARCHIVE_LOCKS:
        for package in json.loads((root / lock).read_text(encoding="utf-8"))["packages"]:
            name, version, registry = package["name"], package["version"], package["registry"]
            yield component(
                "library",
                name,
                version,
                scope="excluded",
                purl=f"pkg:{registry}/{name.replace('@', '%40')}@{version}",
                hashes=[("SHA-256", package["archive_sha256"])],
                licence=package.get("licence", ""),
                source=lock,
            )


def python_locks(root):
    return sorted(
        path
        for folder in ("tools", "tests")
        for path in (root / folder).rglob("*.lock")
        if PYTHON_LOCK_LINE.search(path.read_text(encoding="utf-8"))
    )


def python_packages(text):
    """(name, version, hashes) of a pip lock file."""
    found = []
    for name, version, digest in PYTHON_LOCK_LINE.findall(text):
        if name:
            found.append((name, version, []))
        elif found:
            found[-1][2].append(digest)
    return found


def python_licences(root):
    """By name in lower case, from the metadata of what is installed in .cache/."""
    licences = {}
    for path in sorted((root / ".cache").glob("*/lib/python*/site-packages/*.dist-info/METADATA")):
        head = path.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
        fields = dict(re.findall(r"^([A-Za-z-]+): (.+)$", head, re.M))
        classifiers = re.findall(r"^Classifier: License :: (?:OSI Approved :: )?(.+)$", head, re.M)
        stated = fields.get("License-Expression") or fields.get("License", "")
        licence = stated if 0 < len(stated) < 60 else " AND ".join(classifiers)
        licences[fields.get("Name", "").lower().replace("_", "-")] = licence
    return licences


def python_components(root):
    licences = python_licences(root)
    for lock in python_locks(root):
        for name, version, hashes in python_packages(lock.read_text(encoding="utf-8")):
            yield component(
                "library",
                name,
                version,
                scope="excluded",
                purl=f"pkg:pypi/{name.lower()}@{version}",
                hashes=[("SHA-256", digest) for digest in hashes],
                licence=licences.get(name.lower().replace("_", "-"), ""),
                source=lock.relative_to(root).as_posix(),
            )


def debian_components(root):
    """Of each requirement the alternative that is installed here, else the first, without version."""
    listed = root / "tools/setup/system_packages.txt"
    for line in listed.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        part, check, packages = line.split()
        alternatives = packages.split("|")
        versions = {name: debian_version(name) for name in alternatives}
        name = next((name for name in alternatives if versions[name]), alternatives[0])
        is_compiled_in = check.startswith("header:") and part != "test" and name != "doctest-dev"
        yield component(
            "application",
            name,
            versions[name] or "unknown",
            # Headers and libraries that are compiled into the programs; doctest is for tests.
            scope="required" if is_compiled_in else "excluded",
            purl=f"pkg:deb/debian/{name}" + (f"@{versions[name]}" if versions[name] else ""),
            licence=debian_licence(name),
            source="tools/setup/system_packages.txt",
        )


def debian_version(name):
    try:
        query = ["dpkg-query", "--show", "--showformat=${Version}", name]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def debian_licence(name):
    path = pathlib.Path("/usr/share/doc") / name / "copyright"
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    names = re.findall(r"^License: *(\S.*)$", text, re.M)
    return " AND ".join(sorted({name.strip() for name in names}))


def unique(components):
    """Each package once, with every lock file that names it; shipped when one use is shipped."""
    by_key = {}
    for entry in components:
        known = by_key.setdefault(entry["purl"], entry)
        if known is entry:
            continue
        known["properties"] += [p for p in entry["properties"] if p not in known["properties"]]
        known["hashes"] = known.get("hashes", []) + [
            h for h in entry.get("hashes", []) if h not in known.get("hashes", [])
        ]
        if entry["scope"] == "required":
            known["scope"] = "required"
    return sorted(by_key.values(), key=lambda entry: entry["purl"])


def all_components(root):
    return unique(
        entry
        for source in (npm_components, archive_components, python_components, debian_components)
        for entry in source(root)
    )


def bill(root):
    package = json.loads((root / "web/package.json").read_text(encoding="utf-8"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "smartsynch",
                "name": package["name"],
                "version": package["version"],
                "licenses": [{"license": {"id": package["license"]}}],
            }
        },
        "components": all_components(root),
    }


def licence_of(entry):
    licence = entry.get("licenses", [{}])[0]
    return licence.get("expression") or licence.get("license", {}).get("name", "")


def licence_table(components):
    by_licence = {}
    for entry in components:
        key = (entry["scope"] != "required", licence_of(entry) or "not known here")
        by_licence.setdefault(key, []).append(f"{entry['name']} {entry['version']}")
    lines = ["| | licence | packages |", "| --- | --- | --- |"]
    for (not_shipped, licence), names in sorted(by_licence.items()):
        part = "builds and tests" if not_shipped else "shipped"
        lines.append(f"| {part} | {licence} | {', '.join(sorted(set(names)))} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=pathlib.Path, help="where the bill goes; else standard output")
    parser.add_argument("--licences", action="store_true", help="print the licences instead")
    options = parser.parse_args()
    if options.licences:
        print(licence_table(all_components(ROOT)))
        return 0
    text = json.dumps(bill(ROOT), indent=1, ensure_ascii=False) + "\n"
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
        print(f"{options.out}: {len(json.loads(text)['components'])} packages")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
