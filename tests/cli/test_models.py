"""models and verify: versions by content hash, and which of them is the default."""

import json
import os
import shutil
import subprocess
import unittest

from cli_case import PROGRAM, ROOT, CliCase, Fixture


class Models(CliCase):
    def setUp(self):
        super().setUp()
        self.models = self.folder / "models"
        (self.models / "base_model").mkdir(parents=True)
        for name in ("vocab.txt", "token_table.safetensors"):
            (self.models / "base_model" / name).symlink_to(ROOT / "models/base_model" / name)
        self.base = self.models / "base_model" / "model.safetensors"
        shutil.copyfile(Fixture.model(), self.base)
        self.other = self.folder / "other.safetensors"
        self.succeed(*Fixture.training_arguments(self.other, "--seed", 2))

    def models_json(self, verb, *arguments):
        return json.loads(self.succeed("models", verb, *arguments, "--models", self.models,
                                       "--json").stdout)

    def active(self):
        return [row["version"] for row in self.models_json("list") if row["active"]]

    def default_version(self):
        """Which model a program takes when none is named."""
        done = subprocess.run(
            [PROGRAM, "predict", "--title", "bake", "--tier", "instant", "--json"], check=True,
            capture_output=True, env={**os.environ, "SMARTSYNCH_HOME": str(self.folder)})
        return json.loads(done.stdout)["modelVersion"]

    def test_install_activate_and_roll_back(self):
        (base,) = self.active()
        self.assertEqual(self.default_version(), base)
        added = self.models_json("add", self.other)
        self.assertEqual(added["parent"], base)
        self.assertEqual(added["seed"], 2)
        self.assertEqual(self.models_json("add", self.other)["version"], added["version"])
        self.assertEqual(self.active(), [base])
        self.models_json("activate", added["version"][:6])
        self.assertEqual(self.active(), [added["version"]])
        self.assertEqual(self.default_version(), added["version"])
        self.models_json("rollback")
        self.assertEqual(self.active(), [base])
        self.assertEqual(self.default_version(), base)
        self.fail_with(1, "no version was active before", "models", "rollback", "--models",
                       self.models)
        self.assertEqual(len(self.models_json("list")), 2)

    def test_a_newer_base_model_is_followed(self):
        version = self.models_json("add", self.other)["version"]
        self.models_json("activate", version)
        self.models_json("activate", "base")
        self.succeed(*Fixture.training_arguments(self.base, "--seed", 3))
        (active,) = self.active()
        self.assertNotEqual(active, version)
        self.assertTrue(self.models_json("list")[0]["base"])

    def test_compare(self):
        version = self.models_json("add", self.other)["version"]
        both = self.models_json("compare", "base", version)
        self.assertEqual([row["version"] for row in both], [self.active()[0], version])
        self.assertEqual(both[0]["training_data_sha256"], both[1]["training_data_sha256"])
        self.assertIn("accuracy", both[1]["metrics"])
        text = self.succeed("models", "compare", "base", version, "--models",
                            self.models).stdout.decode()
        self.assertIn(f"{both[1]['metrics']['accuracy']:.4f}", text)
        self.assertNotIn("different data", text)

    def test_damage_is_found_and_never_activated(self):
        version = self.models_json("add", self.other)["version"]
        self.assertEqual([row["ok"] for row in self.models_json("verify")], [True, True])
        path = self.models / "versions" / f"{version}.safetensors"
        content = bytearray(path.read_bytes())
        content[-9] ^= 1
        path.write_bytes(content)
        done = self.fail_with(1, "", "models", "verify", "--models", self.models, "--json")
        self.assertEqual([row["ok"] for row in json.loads(done.stdout)], [True, False])
        self.assertIn("SHA-256", json.loads(done.stdout)[1]["error"])
        self.fail_with(1, "SHA-256", "models", "activate", version, "--models", self.models)
        self.assertNotEqual(self.active(), [version])
        self.assertIn("error", self.models_json("list")[1])
        path.unlink()
        self.fail_with(1, "cannot open", "models", "verify", version, "--models", self.models)

    def test_bad_input(self):
        at = ("--models", self.models)
        self.fail_with(1, 'no model of version "abc"', "models", "activate", "abc", *at)
        self.fail_with(1, 'no model of version ""', "models", "activate", "", *at)
        bad = self.write("bad.safetensors", b"not a model")
        self.fail_with(1, "bad.safetensors", "models", "add", bad, *at)
        self.fail_with(2, "subcommand", "models")
        self.fail_with(2, "versions", "models", "compare", "base", *at)
        self.fail_with(1, "holds no models", "models", "list", "--models", self.folder / "none")
        for catalog, message in (("[", "expected a JSON object"), ("{}", "versions: expected"),
                                 ('{"versions": {"../x": {}}, "active": "base"}', "a version id"),
                                 ('{"versions": {}, "active": 7}', "active: expected")):
            (self.models / "catalog.json").write_text(catalog)
            self.fail_with(1, message, "models", "list", *at)


class Verify(CliCase):
    def test_a_good_model(self):
        report = json.loads(self.succeed("verify", "--model", Fixture.model(), "--json").stdout)
        self.assertTrue(report["ok"])
        self.assertGreater(report["self_tests"], 0)
        self.assertGreater(report["least_cosine"], 0.9999)
        report = json.loads(self.succeed("verify", "--model", Fixture.model(), "--tier", "instant",
                                         "--json").stdout)
        self.assertIsNone(report["least_cosine"])
        self.assertIn(b"self-tests passed", self.succeed("verify").stdout)

    def test_a_damaged_model(self):
        content = bytearray(Fixture.model().read_bytes())
        content[len(content) // 2] ^= 4
        self.fail_with(1, "m.safetensors", "verify", "--model", self.write("m.safetensors",
                                                                           bytes(content)))
        self.fail_with(1, "cannot open", "verify", "--model", self.folder / "none")


if __name__ == "__main__":
    unittest.main()
