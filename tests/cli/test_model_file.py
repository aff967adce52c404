"""Model files as Python's safetensors reads them, and as models/FORMAT.md describes them."""

import hashlib
import json
import pathlib
import re
import unittest

from safetensors import safe_open

from cli_case import ROOT, CliCase, Fixture

BASE_MODEL = ROOT / "models/base_model/model.safetensors"


class ModelFile(CliCase):
    def check(self, path: pathlib.Path):
        with safe_open(path, framework="numpy") as model:
            metadata = model.metadata()
            shapes = json.loads(metadata["shapes"])
            outputs = len(json.loads(metadata["categories"])) + 1
            expected = {
                "dense.w1": (shapes["input"], shapes["hidden"]),
                "dense.b1": (shapes["hidden"],),
                "dense.w2": (shapes["hidden"], outputs),
                "dense.b2": (outputs,),
                "lexical.weights": (2 ** shapes["bucket_bits"], outputs),
                "lexical.scale": (outputs,),
            }
            for name, shape in expected.items():
                self.assertEqual(model.get_tensor(name).shape, shape, name)
                self.assertTrue(model.get_tensor(name).any(), name)
        for name in ("encoder", "tiers", "provenance"):
            keys = [key for key, _ in json.loads(metadata[name], object_pairs_hook=list)]
            self.assertEqual(keys, sorted(keys), name)
        data = path.read_bytes()
        digest = metadata["content_sha256"].encode()
        self.assertEqual(hashlib.sha256(data.replace(digest, b"0" * 64, 1)).hexdigest(),
                         digest.decode())

    def test_the_base_model(self):
        self.check(BASE_MODEL)

    def test_a_model_just_trained(self):
        self.check(Fixture.model())

    def test_the_example_of_the_format(self):
        text = (ROOT / "models/FORMAT.md").read_text(encoding="utf-8")
        (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        self.assertIn('"models/base_model/model.safetensors"', example)
        printed = []
        code = example.replace('"models/base_model/model.safetensors"', repr(str(BASE_MODEL)))
        exec(code, {"print": lambda *values: printed.append(values)})
        answer = json.loads(self.succeed("predict", "--title", "", "--json").stdout)
        self.assertEqual(printed[-1], ("version", answer["modelVersion"]))


if __name__ == "__main__":
    unittest.main()
