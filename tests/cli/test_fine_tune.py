"""fine-tune: a model learns from a user's exported feedback, or says why it is refused."""

import json
import shutil
import unittest

from cli_case import OPEN_SET, ROOT, CliCase, Fixture, labelled_rows


def user_data(events):
    return json.dumps({"format": "smartsynch-user-data", "version": 1, "events": events})


def events(rows):
    """Adds the category "Errands" and puts each (title, category id) of `rows` in its place."""
    made = [{"sequence": 1, "kind": "category_added", "time_ms": 1, "category_id": "errands",
             "name": "Errands"}]
    for title, category in rows:
        made.append({"sequence": len(made) + 1, "kind": "changed", "time_ms": 2, "title": title,
                     "category_id": category})
    return made


ERRANDS = [(f"{title}{more}", "errands") for title in OPEN_SET
           for more in ("", " today", " before Friday")]


class FineTune(CliCase):
    def setUp(self):
        super().setUp()
        base = self.folder / "models" / "base_model"
        base.mkdir(parents=True)
        self.model = base / "model.safetensors"
        # With exemplars beside it, where fine-tune looks for them.
        self.succeed(*Fixture.training_arguments(self.model), "--exemplars",
                     base / "exemplars.safetensors")

    def arguments(self, feedback, *more):
        return ("fine-tune", "--model", self.model, "--feedback", feedback, "--out",
                self.folder / "tuned.safetensors", "--models", self.folder / "models", *more)

    def test_a_better_model_is_written_and_registered_with_its_parent(self):
        feedback = self.write("user_data.json", user_data(events(ERRANDS)))
        done = json.loads(self.succeed(*self.arguments(feedback, "--epochs", 200, "--json")).stdout)
        self.assertTrue(done["accepted"], done["reason"])
        self.assertEqual(done["events"], 31)
        listed = json.loads(self.succeed("models", "list", "--models", self.folder / "models",
                                         "--json").stdout)
        (installed,) = [row for row in listed if row["version"] == done["model_version"]]
        self.assertEqual(installed["parent"], done["parent"])
        self.assertEqual(installed["categories"], 4)
        self.assertFalse(installed["active"])
        answer = json.loads(self.succeed(
            "predict", "--model", self.folder / "tuned.safetensors", "--title",
            "renew the passport soon", "--json").stdout)
        self.assertEqual(answer["suggestions"][0]["categoryId"], "errands")

    def test_the_same_feedback_gives_the_same_bytes(self):
        feedback = self.write("user_data.json", user_data(events(ERRANDS)))
        self.succeed(*self.arguments(feedback, "--no-register"))
        first = (self.folder / "tuned.safetensors").read_bytes()
        self.succeed(*self.arguments(feedback, "--no-register"))
        self.assertEqual((self.folder / "tuned.safetensors").read_bytes(), first)

    def test_a_model_that_is_no_better_is_refused_with_the_reason(self):
        # What the base model was trained on, as it was: it knows all of it.
        rows = [(row["title"], row["label"].lower()) for row in labelled_rows()]
        feedback = self.write("user_data.json", user_data(events(rows)[1:]))
        done = self.fail_with(1, "refused", *self.arguments(feedback, "--json"))
        result = json.loads(done.stdout)
        self.assertFalse(result["accepted"])
        self.assertIsNone(result["model_version"])
        self.assertTrue(result["reason"])
        self.assertFalse((self.folder / "tuned.safetensors").exists())

    def test_too_little_feedback_and_damaged_files(self):
        few = self.write("few.json", user_data(events(ERRANDS[:3])))
        self.fail_with(1, "needs 20 tasks", *self.arguments(few))
        broken = self.write("broken.json", '{"format": "smartsynch-user-data"')
        self.fail_with(1, "broken.json", *self.arguments(broken))
        self.fail_with(1, "missing.json", *self.arguments(self.folder / "missing.json"))
        good = self.write("user_data.json", user_data(events(ERRANDS)))
        foreign = self.folder / "foreign.safetensors"
        self.succeed(*Fixture.training_arguments(self.folder / "other.safetensors", "--seed", 2),
                     "--exemplars", foreign)
        self.fail_with(1, "exemplars belong to the model",
                       *self.arguments(good, "--exemplars", foreign))
        shutil.copyfile(ROOT / "models/base_model/vocab.txt", foreign)
        self.fail_with(1, "foreign.safetensors", *self.arguments(good, "--exemplars", foreign))

    def test_wrong_usage(self):
        self.fail_with(2, "--feedback", "fine-tune", "--out", "x")
        self.fail_with(2, "--out", "fine-tune", "--feedback", "x")


if __name__ == "__main__":
    unittest.main()
