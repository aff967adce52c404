#!/usr/bin/env python3
"""Checks that dependencies run one way, in C++ includes and in TypeScript imports.

  tools/layers/check_layers.py [ROOT]     prints each violation as FILE:LINE: what; exit 1 if any

C++ (core/include/smartsynch/LAYER, core/src/LAYER):

  base <- {text, nn} <- decide <- model <- engine <- learn <- personal <- {wasm, tools}
  base <- experiment <- personal

ONNX Runtime appears in tools/cli/ort_encoder.* only, nlohmann/json in no public header, and the
core includes nothing that opens files, prints, reads a clock or draws random numbers of its own.
TypeScript (web/src/FOLDER): see WEB_FOLDERS; worker and client meet in messages (protocol.ts) only.
"""

import pathlib
import re
import sys

CORE_LAYERS = {
    "base": (),
    "text": ("base",),
    "nn": ("base",),
    "decide": ("base", "text", "nn"),
    "model": ("base", "text", "nn", "decide"),
    "engine": ("base", "text", "nn", "decide", "model"),
    "distill": ("base", "nn"),
    "experiment": ("base",),
    "learn": ("base", "text", "nn", "decide", "model", "engine"),
    "personal": ("base", "text", "nn", "decide", "model", "engine", "learn", "experiment"),
}
# Hosts of the core: each sees all of its public headers, none sees another host.
HOSTS = ("wasm", "tools")
ORT_FILES = ("tools/cli/ort_encoder.h", "tools/cli/ort_encoder.cpp")
IMPURE_HEADERS = {"fstream", "iostream", "cstdio", "filesystem", "chrono", "ctime", "random"}

# "" is web/src itself, its three leaf modules counted as folders of their own.
WEB_LEAVES = ("types", "state_types", "errors")
WEB_FOLDERS = {
    "state_types": (),
    "types": ("state_types",),
    "errors": ("types",),
    "base": WEB_LEAVES,
    "assets": (*WEB_LEAVES, "base"),
    "core": (*WEB_LEAVES, "base"),
    "encoder": (*WEB_LEAVES, "base"),
    "engine": (*WEB_LEAVES, "base", "assets", "core", "encoder"),
    "protocol": (*WEB_LEAVES, "base", "assets"),
    "worker": (*WEB_LEAVES, "base", "assets", "core", "encoder", "engine", "protocol"),
    "client": (*WEB_LEAVES, "base", "assets", "core", "encoder", "engine", "protocol", "storage"),
    "storage": (*WEB_LEAVES, "base"),
    "api": (*WEB_LEAVES, "base"),
    "remote": (*WEB_LEAVES, "base"),
    "element": (*WEB_LEAVES, "base", "client"),
}
WEB_ORT_FILES = ("web/src/encoder/ort_encoder.ts",)

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
IMPORT = re.compile(r"""(?:\bfrom|\bimport|\bimport\s*\()\s*["']([^"']+)["']""")


def check(root):
    """Every violation below `root`, as (file, line, what), in the order of files and lines."""
    root = pathlib.Path(root)
    found = []
    for folder in ("core", *HOSTS):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                found += check_cpp(root, path)
    for path in sorted((root / "web/src").rglob("*.ts")):
        found += check_typescript(root, path)
    return found


def check_cpp(root, path):
    file = path.relative_to(root).as_posix()
    for number, line in numbered_lines(path):
        match = INCLUDE.match(line)
        if match:
            problem = include_problem(root, path, file, match[1] or match[2], bool(match[1]))
            if problem:
                yield file, number, problem


def include_problem(root, path, file, include, quoted):
    if pathlib.PurePosixPath(include).name.startswith("onnxruntime"):
        return None if file in ORT_FILES else f"{include} outside {ORT_FILES[0][:-2]}.*"
    if include.startswith("nlohmann/") and file.startswith("core/include/"):
        return f"{include} in a public header"
    host = file.split("/")[0]
    target = include_layer(include)
    if host in HOSTS:
        other = next(
            (name for name in HOSTS if name != host and include.startswith(name + "/")), None
        )
        return f"{include}: {host} may not see {other}" if other else None
    if include in IMPURE_HEADERS:
        return f"<{include}> in the core, which does no input or output of its own"
    layer = core_layer(file)
    if layer not in CORE_LAYERS:
        return f"unknown layer {layer!r}: expected one of {', '.join(CORE_LAYERS)}"
    if target is not None:
        allowed = (layer, *CORE_LAYERS[layer])
        return None if target in allowed else f"{include}: {layer} may not see {target}"
    if quoted and not (path.parent / include).is_file():
        return f"{include}: neither a core header nor beside this file"
    return None


def core_layer(file):
    parts = file.split("/")
    return parts[3] if parts[1] == "include" else parts[2]


def include_layer(include):
    """The layer of a core header, public ("smartsynch/text/x.h") or private ("text/x.h")."""
    parts = include.removeprefix("smartsynch/").split("/")
    if include.startswith("smartsynch/") and len(parts) > 1:
        return parts[0]
    return parts[0] if len(parts) > 1 and parts[0] in CORE_LAYERS else None


def check_typescript(root, path):
    file = path.relative_to(root).as_posix()
    folder = web_folder(root, path)
    for number, line in numbered_lines(path):
        for match in IMPORT.finditer(line):
            problem = import_problem(root, path, file, folder, match[1])
            if problem:
                yield file, number, problem


def import_problem(root, path, file, folder, target):
    if target.startswith("onnxruntime"):
        return None if file in WEB_ORT_FILES else f"{target} outside {WEB_ORT_FILES[0]}"
    if not target.startswith("."):
        return None
    resolved = (path.parent / target).resolve()
    source = (root / "web/src").resolve()
    if source not in resolved.parents:
        return f"{target}: outside web/src"
    if folder == "":  # entry points, which put the parts together
        return None
    if folder not in WEB_FOLDERS:
        return f"unknown folder {folder!r}: expected one of {', '.join(WEB_FOLDERS)}"
    goal = web_folder(root, resolved)
    if goal in (folder, *WEB_FOLDERS[folder]):
        return None
    return f"{target}: {folder} may not see {goal or 'an entry point'}"


def web_folder(root, path):
    parts = path.resolve().relative_to((root / "web/src").resolve()).parts
    if len(parts) > 1:
        return parts[0]
    stem = parts[0].split(".")[0]
    return stem if stem in WEB_FOLDERS else ""


def numbered_lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    if not (root / "core").is_dir():
        print(f"check_layers: expected {root / 'core'} to be a folder", file=sys.stderr)
        return 1
    found = check(root)
    for file, number, problem in found:
        print(f"{file}:{number}: {problem}")
    print(f"layers: {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
