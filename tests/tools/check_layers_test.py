"""tools/layers/check_layers.py finds planted violations and accepts what is allowed."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/layers"))

import check_layers  # noqa: E402


class CheckLayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, file, *lines):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("// first line\n" + "".join(line + "\n" for line in lines))
        return file

    def assert_found(self, file, word):
        found = check_layers.check(self.root)
        self.assertEqual([(where, line) for where, line, _ in found], [(file, 2)], found)
        self.assertIn(word, found[0][2])
        (self.root / file).unlink()

    def test_finds_every_upward_include(self):
        layers = list(check_layers.CORE_LAYERS)
        for number, layer in enumerate(layers):
            for higher in layers[number + 1 :]:
                include = f'#include "smartsynch/{higher}/x.h"'
                for folder in ("core/include/smartsynch", "core/src"):
                    file = self.plant(f"{folder}/{layer}/a.h", include)
                    self.assert_found(file, f"{layer} may not see {higher}")

    def test_finds_upward_private_includes_and_odd_spelling(self):
        file = self.plant("core/src/text/a.cpp", '  #  include  "learn/dataset_format.h"')
        self.assert_found(file, "text may not see learn")
        file = self.plant("core/src/base/a.cpp", "#include <smartsynch/text/utf8.h>")
        self.assert_found(file, "base may not see text")

    def test_text_and_nn_do_not_see_each_other(self):
        for layer, other in (("text", "nn"), ("nn", "text")):
            file = self.plant(f"core/src/{layer}/a.cpp", f'#include "smartsynch/{other}/x.h"')
            self.assert_found(file, f"{layer} may not see {other}")

    def test_nothing_in_the_core_sees_hosts_or_tests(self):
        for include in ("tests/unit/x.h", "wasm/marshal.h", "tools/cli/x.h", "marshal.h"):
            file = self.plant("core/src/learn/a.cpp", f'#include "{include}"')
            self.assert_found(file, include)

    def test_hosts_do_not_see_each_other(self):
        file = self.plant("tools/cli/a.cpp", '#include "wasm/marshal.h"')
        self.assert_found(file, "tools may not see wasm")

    def test_keeps_onnx_runtime_and_json_in_their_places(self):
        for include in (
            "<onnxruntime_cxx_api.h>",
            '"onnxruntime/core/session/onnxruntime_c_api.h"',
        ):
            for place in ("core/src/engine/a.cpp", "tools/cli/main.cpp", "wasm/a.cpp"):
                self.assert_found(self.plant(place, f"#include {include}"), "onnxruntime")
        file = self.plant("core/include/smartsynch/model/a.h", "#include <nlohmann/json.hpp>")
        self.assert_found(file, "public header")

    def test_the_core_does_no_input_or_output(self):
        for header in sorted(check_layers.IMPURE_HEADERS):
            self.assert_found(self.plant("core/src/learn/a.cpp", f"#include <{header}>"), header)

    def test_an_unknown_layer_must_be_declared(self):
        file = self.plant("core/src/other/a.cpp", "#include <vector>")
        self.assert_found(file, "unknown layer 'other'")

    def test_accepts_what_is_allowed(self):
        self.plant("core/src/text/beside.h")
        self.plant(
            "core/src/text/a.cpp",
            '#include "smartsynch/text/utf8.h"',
            '#include "text/unicode_tables.h"',
            '#include "beside.h"',
            '#include "smartsynch/base/status.h"',
            "#include <nlohmann/json.hpp>",
            "#include <vector>",
            '// not an include: #include "smartsynch/learn/x.h"',
        )
        self.plant("core/src/learn/a.cpp", '#include "smartsynch/engine/classifier.h"')
        self.plant("tools/cli/ort_encoder.cpp", "#include <onnxruntime_cxx_api.h>")
        self.plant("wasm/a.cpp", '#include "smartsynch/learn/trainer.h"', "#include <chrono>")
        self.assertEqual(check_layers.check(self.root), [])

    def test_typescript_worker_and_client_meet_in_messages_only(self):
        for folder, target, goal in (
            ("worker", "../client/client.js", "client"),
            ("worker", "../element/picker.js", "element"),
            ("worker", "../index.js", "an entry point"),
            ("client", "../worker/main.js", "worker"),
            ("engine", "../worker/main.js", "worker"),
            ("element", "../worker/main.js", "worker"),
            ("core", "../encoder/ort_encoder.js", "encoder"),
            ("base", "../engine/engine.js", "engine"),
        ):
            for statement in (
                f'import {{ a }} from "{target}";',
                f"export * from '{target}';",
                f'import "{target}";',
                f'const a = await import("{target}");',
            ):
                file = self.plant(f"web/src/{folder}/a.ts", statement)
                self.assert_found(file, f"{folder} may not see {goal}")

    def test_typescript_keeps_onnx_runtime_in_its_place_and_stays_inside(self):
        file = self.plant("web/src/engine/a.ts", 'import * as ort from "onnxruntime-web/wasm";')
        self.assert_found(file, "onnxruntime-web")
        file = self.plant("web/src/index.ts", 'import "../demo/app.js";')
        self.assert_found(file, "outside web/src")
        file = self.plant("web/src/other/a.ts", 'import "../types.js";')
        self.assert_found(file, "unknown folder 'other'")

    def test_typescript_accepts_what_is_allowed(self):
        self.plant("web/src/index.ts", 'import "./client/client.js";', 'import "./worker/main.js";')
        self.plant(
            "web/src/worker/a.ts", 'import "../protocol.js";', 'import "../engine/engine.js";'
        )
        self.plant("web/src/client/a.ts", 'import "../protocol.js";', 'import "./b.js";')
        self.plant("web/src/encoder/ort_encoder.ts", 'import "onnxruntime-web/wasm";')
        self.assertEqual(check_layers.check(self.root), [])

    def test_the_program_reports_and_counts(self):
        self.plant("core/src/base/a.cpp", '#include "smartsynch/learn/trainer.h"')
        program = [sys.executable, ROOT / "tools/layers/check_layers.py"]
        result = subprocess.run([*program, self.root], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("core/src/base/a.cpp:2: ", result.stdout)
        self.assertIn("layers: 1 violations", result.stdout)
        empty = self.root / "core/src"
        result = subprocess.run([*program, empty], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)


if __name__ == "__main__":
    unittest.main()
