"""POST /v1/predict, /v1/batch and the paths about the server itself."""

import concurrent.futures
import json
import re
import subprocess
import unittest

from server_case import ENVIRONMENT, PROGRAM, ROOT, Server, ServerCase, predict_with_the_program

TITLES = [
    "Fix login crash", "Weekly team standup", "Logo for the bakery", "Buy milk", "Réunion d'équipe",
    "Plan the next sprint", "読書会の準備", "", "Interview five users about onboarding", "x" * 3000,
]
NDJSON = "application/x-ndjson"


class PredictTest(ServerCase):
    def test_same_object_as_the_command_line(self):
        for tier in ("instant", "full"):
            expected = predict_with_the_program([{"title": title} for title in TITLES], tier)
            for title, prediction in zip(TITLES, expected):
                reply = self.server.post("/v1/predict", {"title": title, "tier": tier})
                self.assertEqual(reply.status, 200, reply.body)
                self.assert_same(reply.json, prediction)

    def assert_same(self, got, expected):
        """Alike but for the last bits of the encoder's sums, which differ with what is in a batch."""
        self.assertEqual(list(got), list(expected))
        for name in ("decision", "category", "categoryId", "tier", "modelVersion", "truncated"):
            self.assertEqual(got[name], expected[name])
        self.assertAlmostEqual(got["confidence"], expected["confidence"], places=3)
        self.assertEqual([one["categoryId"] for one in got["suggestions"]],
                         [one["categoryId"] for one in expected["suggestions"]])

    def test_the_full_tier_is_the_default_and_a_second_answer_comes_from_memory(self):
        first = self.server.post("/v1/predict", {"title": "Sketch the onboarding screens"})
        hits = self.server.metric("smartsynch_cache_hits_total")
        again = self.server.post("/v1/predict", {"title": "sketch the  onboarding SCREENS"})
        self.assertEqual(first.json["tier"], "full")
        self.assertEqual(first.body, again.body)
        self.assertEqual(self.server.metric("smartsynch_cache_hits_total"), hits + 1)

    def test_half_an_emoji_and_bytes_that_are_not_utf8_are_repaired(self):
        for body in (rb'{"title": "Fix \ud83d crash"}', b'{"title": "Fix \xff crash"}',
                     rb'{"title": "\\ud83d \ud83d\ude00 \udc00"}'):
            reply = self.server.post("/v1/predict", body, Content_Type="application/json")
            self.assertEqual(reply.status, 200, reply.body)

    def test_errors_name_the_field(self):
        for body, field in (
            (b"", "body"), (b"{", "body"), (b"[]", "body"), (b"3", "body"), (b"{}", "title"),
            (b'{"title": 3}', "title"), (b'{"title": null}', "title"),
            (b'{"title": "a", "tier": "best"}', "tier"),
            (b'{"title": "a", "description": []}', "description"),
            (b'{"title": "a", "user": "' + b"u" * 51 + b'"}', "user"),
            (b'{"title": "' + b"a" * 70000 + b'"}', "title"),
            (b"[" * 100000, "body"),
        ):
            with self.subTest(body=body[:40]):
                reply = self.server.post("/v1/predict", body, Content_Type="application/json")
                self.assert_problem(reply, 400, field)
        self.assert_problem(self.server.post("/v1/predict", b"{}", Content_Type="text/plain"), 415,
                            "Content-Type")

    def test_unknown_paths_and_methods(self):
        self.assert_problem(self.server.get("/v1/nothing"), 404, "path")
        reply = self.server.get("/v1/predict")
        self.assert_problem(reply, 405, "method")
        self.assertEqual(reply.headers["Allow"], "POST")
        head = self.server.request("HEAD", "/healthz")
        self.assertEqual((head.status, head.body), (200, b""))

    def test_many_at_once_get_their_own_answers(self):
        titles = [f"Fix bug number {i} in the parser" for i in range(200)]
        expected = predict_with_the_program([{"title": title} for title in titles], "full")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            replies = list(pool.map(
                lambda title: self.server.post("/v1/predict", {"title": title}), titles))
        for reply, prediction in zip(replies, expected):
            self.assert_same(reply.json, prediction)
        self.assertGreater(self.server.metric('smartsynch_encoder_batch_tasks_count'), 0)

    def test_a_batch_in_one_array(self):
        rows = [{"title": title} for title in TITLES]
        expected = predict_with_the_program(rows, "full")
        reply = self.server.post("/v1/batch", [*rows, {"no": "title"}, 7])
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/json")
        for got, prediction in zip(reply.json, expected):
            self.assert_same(got, prediction)
        self.assertEqual(len(reply.json), len(rows) + 2)
        self.assertEqual(reply.json[-2]["row"], len(rows))
        self.assertEqual(reply.json[-2]["error"]["field"], "title")
        self.assertEqual(self.server.post("/v1/batch", []).json, [])
        self.assert_problem(self.server.post("/v1/batch", {"title": "a"}), 400, "body")

    def test_a_batch_of_lines_keeps_the_order_and_answers_bad_rows_in_place(self):
        lines = []
        for i in range(700):
            lines.append(b'{"title": "Write report %d", "tier": "%s"}' %
                         (i, b"instant" if i // 50 % 2 else b"full"))
        lines[3] = b"not json"
        lines[300] = b'{"title": []}'
        lines[301] = b'{"title": "' + b"a" * 400000 + b'"}'
        body = b"\n".join(lines[:10]) + b"\r\n\n" + b"\n".join(lines[10:])
        reply = self.server.post("/v1/batch", body, Content_Type=NDJSON)
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Content-Type"], NDJSON)
        answers = reply.lines
        self.assertEqual(len(answers), 700)
        for i, answer in enumerate(answers):
            if i in (3, 300, 301):
                self.assertEqual(answer["row"], i)
                self.assertEqual(answer["error"]["field"], {3: "row", 300: "title", 301: "row"}[i])
            else:
                self.assertEqual(answer["tier"], "instant" if i // 50 % 2 else "full", i)

    def test_a_line_is_answered_before_the_next_is_sent(self):
        with self.server.raw() as connection:
            connection.sendall(b"POST /v1/batch?tier=instant HTTP/1.1\r\nHost: localhost\r\n"
                               b"Content-Type: application/x-ndjson\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n")
            file = connection.makefile("rb")
            for i in range(3):
                line = b'{"title": "Task %d"}\n' % i
                connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
                if i == 0:
                    while file.readline() != b"\r\n":
                        pass
                size = int(file.readline(), 16)
                self.assertEqual(json.loads(file.read(size))["tier"], "instant")
                file.readline()
            connection.sendall(b"0\r\n\r\n")
            self.assertEqual(file.readline(), b"0\r\n")


class SelfDescriptionTest(ServerCase):
    arguments = ("--tier", "instant")

    def test_health_and_metrics(self):
        self.assertEqual(self.server.get("/healthz").json, {"status": "ok"})
        ready = self.server.get("/readyz").json
        self.assertEqual(ready["status"], "ready")
        self.assert_healthy()
        text = self.server.get("/metrics").body.decode()
        for line in text.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [0-9.e+-]+)$")
        self.assertGreaterEqual(
            self.server.metric(
                'smartsynch_http_requests_total{route="POST /v1/predict",status="2xx"}'), 1)

    def test_a_server_of_the_instant_tier_says_so(self):
        reply = self.server.post("/v1/predict", {"title": "a", "tier": "full"})
        self.assert_problem(reply, 400, "tier")
        self.assertEqual(self.server.post("/v1/predict", {"title": "a"}).json["tier"], "instant")
        rows = self.server.post("/v1/batch", [{"title": "a"}, {"title": "b", "tier": "full"}]).json
        self.assertEqual(rows[0]["tier"], "instant")
        self.assertEqual((rows[1]["row"], rows[1]["error"]["field"]), (1, "tier"))

    def test_categories(self):
        reply = self.server.get("/v1/categories").json
        self.assertIn({"id": "development", "name": "Development"}, reply["categories"])

    def test_the_description_has_every_route_and_no_other(self):
        document = self.server.get("/openapi.json").json
        self.assertEqual(document["openapi"], "3.1.0")
        described = {(method.upper(), path) for path, methods in document["paths"].items()
                     for method in methods}
        source = (ROOT / "tools" / "server" / "api" / "routes.h").read_text(encoding="utf-8")
        routes = set(re.findall(r'\{RouteId::\w+, "(\w+)",\s*"([^"]+)"', source))
        self.assertGreater(len(routes), 10)
        self.assertEqual(described, routes)
        # And they are really there: never 404 for a path, never 405 for a method.
        for method, path in described:
            reply = self.server.request(method, path.replace("{id}", "x"))
            self.assertNotEqual(reply.status, 405, path)
            self.assertNotEqual(reply.headers["Content-Type"] == "application/problem+json" and
                                reply.json.get("field"), "path")
        self.assert_references_resolve(document, document)

    def assert_references_resolve(self, node, document):
        if isinstance(node, dict):
            if "$ref" in node:
                target = document
                for part in node["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            for value in node.values():
                self.assert_references_resolve(value, document)
        elif isinstance(node, list):
            for value in node:
                self.assert_references_resolve(value, document)


class StartTest(unittest.TestCase):
    def fail_to_start(self, fragment, *arguments):
        done = subprocess.run([PROGRAM, "serve", *arguments], env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(fragment, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def test_what_cannot_start_says_why(self):
        server = Server("--tier", "instant")
        self.addCleanup(server.close)
        state = str(server.folder / "other")
        self.fail_to_start("cannot listen", "--tier", "instant", "--state", state, "--port",
                           str(server.port))
        self.fail_to_start("--host", "--tier", "instant", "--state", state, "--host", "nowhere")
        self.fail_to_start("missing.safetensors", "--model", "missing.safetensors")
        self.fail_to_start("expected at least 16", "--admin-key-file",
                           self.short_key(server.folder))

    @staticmethod
    def short_key(folder):
        (folder / "key").write_text("short\n", encoding="utf-8")
        return str(folder / "key")


if __name__ == "__main__":
    unittest.main()
