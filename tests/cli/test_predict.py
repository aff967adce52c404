"""predict: the prediction object, order, streaming in bounded memory, and how streams end."""

import json
import os
import resource
import subprocess
import unittest

from cli_case import PROGRAM, ROOT, CliCase, Fixture, json_lines, labelled_rows, run

FIELDS = ["decision", "category", "categoryId", "confidence", "novelty", "suggestions", "tier",
          "modelVersion", "truncated"]


class Prediction(CliCase):
    def check_object(self, prediction, tier):
        self.assertEqual(list(prediction), FIELDS)
        self.assertIn(prediction["decision"], ("auto", "suggest", "new"))
        self.assertEqual(prediction["tier"], tier)
        self.assertRegex(prediction["modelVersion"], "^[0-9a-f]{16}$")
        self.assertTrue(0 <= prediction["novelty"] <= 1)
        confidences = [s["confidence"] for s in prediction["suggestions"]]
        self.assertEqual(confidences, sorted(confidences, reverse=True))
        self.assertEqual(prediction["confidence"], confidences[0] if confidences else 0)
        for suggestion in prediction["suggestions"]:
            self.assertEqual(list(suggestion), ["category", "categoryId", "confidence"])
        if prediction["decision"] == "auto":
            self.assertEqual(prediction["category"], prediction["suggestions"][0]["category"])
            self.assertEqual(prediction["categoryId"], prediction["suggestions"][0]["categoryId"])
        else:
            self.assertIsNone(prediction["category"])
            self.assertIsNone(prediction["categoryId"])

    def test_one_task_in_both_tiers(self):
        for tier in ("full", "instant"):
            done = self.succeed("predict", "--model", Fixture.model(), "--tier", tier, "--json",
                                "--title", "bake a cake", "--description", "with walnuts")
            self.check_object(json.loads(done.stdout), tier)
            self.assertEqual(done.stdout.count(b"\n"), 1)
            self.assertEqual(done.stderr, b"")

    def test_text_for_people(self):
        done = self.succeed("predict", "--model", Fixture.model(), "--title", "bake\na cake\x1b[2J")
        self.assertRegex(done.stdout.decode(), r"^(auto|suggest|new)\t.* %\tbake a cake \[2J\n$")

    def test_blank_and_unknown_tasks_get_no_category(self):
        rows = [{"title": ""}, {"title": " \t\u200b"}, {"title": "\u0000\ufffd"}, {"title": "..."[:0]},
                {"title": "", "description": "bake bread"}]
        for tier in ("full", "instant"):
            answers = self.predict(json_lines(rows), tier=tier)
            self.assertEqual(len(answers), len(rows))
            for answer in answers[:-1]:
                self.check_object(answer, tier)
                self.assertEqual((answer["decision"], answer["suggestions"]), ("suggest", []))
            self.assertTrue(answers[-1]["suggestions"])
        self.assertEqual(self.predict("", "--title", "")[0]["suggestions"], [])

    def test_titles_that_look_like_something_else(self):
        for title in ("--help", "-", "[a, b]", "{}", '"quoted"', "a=b", "'x'", "%%", "é 🌱 日本"):
            one = self.succeed("predict", "--model", Fixture.model(), "--tier", "instant", "--json",
                               f"--title={title}")
            self.assertEqual([json.loads(one.stdout)], self.predict(json_lines([{"title": title}])),
                             title)

    def test_a_long_text_says_that_it_was_cut(self):
        answers = self.predict(json_lines([{"title": "bake " * 50000}, {"title": "bake"}]), tier="full")
        self.assertEqual([a["truncated"] for a in answers], [True, False])

    def test_the_answer_does_not_depend_on_what_stands_beside_it(self):
        titles = [row["title"] for row in labelled_rows()]
        titles[5] += " and a much longer title than all the others have" * 6
        together = self.predict(json_lines({"title": t} for t in titles), tier="full")
        for i in (0, 5, 20):
            alone = self.predict(json_lines([{"title": titles[i]}]), tier="full")[0]
            self.assertEqual(alone["decision"], together[i]["decision"])
            self.assertEqual([s["category"] for s in alone["suggestions"]],
                             [s["category"] for s in together[i]["suggestions"]])
            self.assertAlmostEqual(alone["confidence"], together[i]["confidence"], delta=1e-4)
            self.assertAlmostEqual(alone["novelty"], together[i]["novelty"], delta=1e-4)

    def test_formats_and_ways_in_give_the_same_answers(self):
        rows = labelled_rows()
        lines = json_lines(rows)
        csv = "text\n" + "".join(f'"{row["title"]}"\n' for row in rows)
        document = json.dumps({"samples": rows}, indent=1)
        expected = self.predict(lines)
        self.assertEqual(len(expected), len(rows))
        self.assertEqual(self.predict(csv), expected)
        self.assertEqual(self.predict(document), expected)
        self.assertEqual(self.predict(lines, "-"), expected)
        self.assertEqual(self.predict(lines, "--data", "-"), expected)
        path = self.write("rows.jsonl", lines)
        self.assertEqual(self.predict("", "--data", path), expected)
        self.assertEqual(self.predict("", path), expected)

    def test_order_is_kept_whatever_the_lengths(self):
        rows = [{"title": "bake bread " * (1 + i * 7 % 40)} for i in range(150)]
        answers = self.predict(json_lines(rows), tier="full")
        self.assertEqual(len(answers), len(rows))
        for i in (0, 63, 64, 65, 149):
            alone = self.predict(json_lines([rows[i]]), tier="full")[0]
            self.assertAlmostEqual(alone["novelty"], answers[i]["novelty"], delta=1e-4)

    def test_thread_count_does_not_change_a_bit(self):
        lines = json_lines(labelled_rows())
        one = self.predict(lines, "--threads", 1, tier="full")
        self.assertEqual(self.predict(lines, "--threads", 2, tier="full"), one)

    def test_empty_input_gives_no_answer_and_is_no_failure(self):
        self.assertEqual(self.predict(""), [])
        self.assertEqual(self.predict("title\n"), [])


class Streams(CliCase):
    def start(self, *arguments, **options):
        process = subprocess.Popen(
            [PROGRAM, "predict", "--model", str(Fixture.model()), "--tier", "instant", "--json",
             *arguments],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)},
            **{"stdout": subprocess.PIPE, **options})
        self.addCleanup(process.kill)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                self.addCleanup(pipe.close)
        return process

    def test_two_hundred_thousand_rows_in_bounded_memory(self):
        count = 200_000

        def limit():
            # Address space; without any input the program takes 54 MiB of it, the rows have 55 MiB.
            resource.setrlimit(resource.RLIMIT_AS, (96 << 20, 96 << 20))

        path = self.folder / "rows.jsonl"
        with open(path, "w", encoding="utf-8") as out:
            for i in range(count):
                out.write(f'{{"title": "row {i} water the tomatoes", "description": "{"d" * 220}"}}\n')
        output = self.folder / "out.jsonl"
        with open(path, "rb") as source, open(output, "wb") as sink:
            done = subprocess.run(
                [PROGRAM, "predict", "--model", str(Fixture.model()), "--tier", "instant", "--json"],
                stdin=source, stdout=sink, stderr=subprocess.PIPE, preexec_fn=limit, timeout=300,
                env={**os.environ, "SMARTSYNCH_HOME": str(ROOT)})
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        with open(output, "rb") as answers:
            self.assertEqual(sum(1 for _ in answers), count)

    def test_answers_come_before_the_input_ends(self):
        process = self.start()
        for title in ("bake bread", "mow the lawn"):
            process.stdin.write(json_lines([{"title": title}]).encode())
            process.stdin.flush()
            self.assertIn("decision", json.loads(process.stdout.readline()))
        process.stdin.close()
        self.assertEqual(process.wait(timeout=30), 0)

    def test_rows_may_arrive_in_pieces(self):
        process = self.start()
        for byte in json_lines([{"title": "bäke brëad 🌱"}, {"title": "mow"}]).encode():
            process.stdin.write(bytes([byte]))
            process.stdin.flush()
        process.stdin.close()
        self.assertEqual(len(process.stdout.read().splitlines()), 2)
        self.assertEqual(process.wait(timeout=30), 0)

    def test_a_reader_that_goes_away_is_no_failure(self):
        process = self.start()
        rows = json_lines({"title": f"row {i}"} for i in range(5000)).encode()
        process.stdout.close()
        try:
            process.stdin.write(rows)
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            process = self.start("--title", "bake", stdout=full)
            self.assertEqual(process.wait(timeout=30), 1)
            self.assertIn(b"cannot write to standard output", process.stderr.read())
            process = self.start(stdout=full)
            process.stdin.write(json_lines([{"title": "bake"}]).encode())
            process.stdin.close()
            self.assertEqual(process.wait(timeout=30), 1)

    def test_closed_standard_streams(self):
        command = f'"{PROGRAM}" predict --model "{Fixture.model()}" --tier instant --json'
        environment = {**os.environ, "SMARTSYNCH_HOME": str(ROOT)}
        for redirection in ("--title bake >&-", "<&-"):
            done = subprocess.run(["bash", "-c", f"{command} {redirection}"], capture_output=True,
                                  env=environment, timeout=60)
            self.assertEqual(done.returncode, 1, redirection)
            self.assertIn(b"smartsynch: cannot", done.stderr)

    def test_no_input_at_all(self):
        self.assertEqual(run("predict", "--model", Fixture.model(), "--tier", "instant").returncode, 0)


if __name__ == "__main__":
    unittest.main()
