"""Requests made to mislead, exhaust or end the server: every one is answered or cut off, and the next
client is served as before."""

import json
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from machines import Postgres, postgres_folder
from server_case import HEAD, STREAM, RawCase, read_all

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
TASK = b'{"title": "a"}'
# As another body's end it would be a request of its own.
HIDDEN = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
JSON = {"Content_Type": "application/json"}


class HostileCase(RawCase):
    arguments = ("--tier", "instant", "--request-seconds", "2")

    def assert_refused(self, data, status=400):
        """With one answer and the end of the connection."""
        reply = self.send(data)
        self.assertRegex(reply, rb"^HTTP/1.1 %d " % status)
        self.assertEqual(reply.count(b"HTTP/1.1 "), 1, reply)


class FramingTest(HostileCase):
    def test_no_two_readers_see_two_lengths(self):
        chunked = b"Transfer-Encoding: chunked\r\n"
        length = b"Content-Length: %d\r\n" % len(HIDDEN)
        for framing in (
            chunked + length, length + chunked, b"Transfer-Encoding: identity\r\n" + length,
            b"Transfer-Encoding: gzip\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
            b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n",
            b"Transfer-Encoding:\r\n", chunked + chunked,
            chunked + b"Transfer-Encoding: identity\r\n",
            b"Transfer-Encoding: identity\r\n" + chunked, b"Transfer-Encoding : chunked\r\n",
            b"Transfer-Encoding:\x0bchunked\r\n", b"Transfer-Encoding\x00: chunked\r\n",
            b"Content-Length: +5\r\n", b"Content-Length: 0x5\r\n", b"Content-Length: 5 5\r\n",
            b"Content-Length: 5, 6\r\n", b"Content-Length:\r\n", b"Content-Length: 5.0\r\n",
            b"Content-Length: 18446744073709551617\r\n", b"Content-Length: 5\r\nContent-Length: 0\r\n",
        ):
            for line in (b"POST /v1/predict HTTP/1.1", b"GET /healthz HTTP/1.1",
                         b"POST /v1/batch HTTP/1.1"):
                with self.subTest(framing=framing, line=line):
                    kind = b"x-ndjson" if b"batch" in line else b"json"
                    self.assert_refused(line + b"\r\nHost: localhost\r\nContent-Type: application/" +
                                        kind + b"\r\n" + framing + b"\r\n" + HIDDEN)
        self.assert_refused(b"POST /v1/predict HTTP/1.0\r\n" + chunked + b"\r\n" + HIDDEN)

    def test_a_request_is_for_one_host(self):
        for hosts in (b"", b"Host: localhost\r\nHost: elsewhere\r\n"):
            self.assert_refused(b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n")

    def test_line_ends_and_characters_that_a_head_may_not_have(self):
        for data in (b"GET /healthz HTTP/1.1\nHost: localhost\n\n",
                     b"GET /heal\x00thz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     GET + b"X: a\x00b\r\n\r\n", GET + b"X: a\rb\r\n\r\n", GET + b"X : a\r\n\r\n",
                     GET + b": a\r\n\r\n"):
            with self.subTest(data=data):
                self.assert_refused(data)

    def test_chunks_that_are_none(self):
        for chunks in (b"-1\r\n", b"0x5\r\n", b"\r\n", b"FFFFFFFFFFFFFFFFF\r\n", b"5 \r\nabcde\r\n",
                       b"e\n" + TASK + b"\n0\n\n", b"e\r\n" + TASK + b"e\r\n",
                       b"e;" + b"x" * 200_000 + b"\r\n" + TASK + b"\r\n0\r\n\r\n",
                       b"e\r\n" + TASK + b"\r\n0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n"):
            with self.subTest(chunks=chunks[:30]):
                reply = self.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
                # Some wait for more and are cut off.
                self.assertRegex(reply, rb"^(HTTP/1.1 4\d\d |$)")
                self.assertLessEqual(reply.count(b"HTTP/1.1 "), 1)

    def test_extensions_of_chunks_and_trailers_are_passed_over(self):
        body = b"".join(b"1;name=%s\r\n%c\r\n" % (b"v" * 500, c) for c in TASK)
        reply = self.send(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body +
                          b"0\r\nX-Trailer: a\r\nContent-Length: 3\r\n\r\n")
        self.assertRegex(reply, rb"^HTTP/1.1 (200|400) ")
        reply = self.send(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body +
                          b"0\r\nX-Trailer: a\r\n\r\n")
        self.assertIn(b'"decision"', reply)

    def test_many_headers(self):
        self.assertIn(b"200 OK", self.send(GET + b"Connection: close\r\n" + b"X: y\r\n" * 2000 +
                                           b"\r\n"))
        self.assert_refused(GET + b"X: y\r\n" * 200_000 + b"\r\n", 431)
        self.assert_refused(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 431)
        self.assert_refused(HEAD + b"Idempotency-Key: " + b"k" * 100_000 + b"\r\n\r\n", 431)


class MethodsTest(HostileCase):
    def test_head_is_get_without_its_body(self):
        document = self.server.get("/openapi.json").json
        paths = [path for path, methods in document["paths"].items() if "get" in methods]
        self.assertGreater(len(paths), 8)
        self.assertIn("/v1/export", paths)
        for path in paths:
            target = path.replace("{id}", "x").encode()
            with self.subTest(path=path):
                reply = self.send(b"HEAD " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" + GET +
                                  b"Connection: close\r\n\r\n")
                first, _, rest = reply.partition(b"\r\n\r\n")
                self.assertRegex(rest, rb"^HTTP/1.1 200 OK\r\n")
                self.assertTrue(rest.endswith(b'\r\n\r\n{"status":"ok"}'), rest)
                got = self.server.get(path.replace("{id}", "x"))
                self.assertIn(b"HTTP/1.1 %d " % got.status, first)
                self.assertIn(b"Content-Type: " + got.headers["Content-Type"].encode(), first)

    def test_other_methods(self):
        line = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        for request, status in (
            (b"OPTIONS /v1/predict", 204), (b"OPTIONS *", 404), (b"OPTIONS /nothing", 404),
            (b"TRACE /v1/predict", 405), (b"CONNECT localhost:80", 404), (b"PUT /v1/predict", 405),
            (b"get /healthz", 405), (b"X-LONG-" + b"M" * 2000 + b" /healthz", 405),
            (b"GET http://localhost/healthz", 200),
        ):
            with self.subTest(request=request[:40]):
                self.assertRegex(self.send(request + line), rb"^HTTP/1.1 %d " % status)

    def test_who_asks_before_sending_is_told_no_at_once(self):
        ask = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        for data, status in (
            (HEAD + ask % (1 << 40), 413),
            (HEAD.replace(b"/v1/predict", b"/v1/none") + ask % 14, 404),
            (HEAD.replace(b"application/json", b"text/plain") + ask % 14, 415),
        ):
            self.assert_refused(data, status)
        old = b"POST /v1/predict HTTP/1.0\r\nContent-Type: application/json\r\n"
        reply = self.send(old + ask % len(TASK) + TASK)
        self.assertRegex(reply, rb"^HTTP/1.1 200 OK")


class PathsTest(HostileCase):
    def test_an_encoded_slash_is_part_of_a_name(self):
        for path, status, field in (
            ("/v1/models%2Frollback", 404, "path"), ("/v1%2fpredict", 404, "path"),
            ("/v1/categories/design%2Frename", 405, "method"),
            ("/v1/models//activate", 404, "path"), ("/v1/models/a/b/activate", 404, "path"),
            ("/v1/models/a/activate/", 404, "path"), ("//v1/models/a/activate", 404, "path"),
        ):
            with self.subTest(path=path):
                self.assert_problem(self.server.post(path, {"name": "Other"}), status, field)
        self.assert_problem(self.server.post("/v1/models/a%2Fb/activate"), 404, "version")
        self.assert_problem(self.server.request("DELETE", "/v1/categories/a%2Fb"), 404, "id")
        self.assertEqual(self.server.get("/v1/%63ategories").status, 200)

    def test_names_that_no_database_takes(self):
        active = self.server.get("/v1/models").json["active"]
        self.assertEqual(self.server.post(f"/v1/models/{active}%00/activate").status, 400)
        for name in ("%00", "a%00b", "%FF", "%C3", "%ED%A0%80", "%0d%0a", "%", "%2", "%zz", "x" * 9000):
            with self.subTest(name=name[:10]):
                for method, path, body in (
                    ("GET", f"/v1/experiments/{name}", None),
                    ("POST", f"/v1/experiments/{name}/weights", {"weights": [1, 1]}),
                    ("POST", f"/v1/experiments/{name}/promote", {"winner": "a"}),
                    ("POST", f"/v1/experiments/{name}/stop", None),
                    ("POST", f"/v1/models/{name}/activate", None),
                    ("POST", f"/v1/categories/{name}/rename", {"name": "Other"}),
                    ("POST", f"/v1/categories/{name}/merge", {"into": "design"}),
                    ("DELETE", f"/v1/categories/{name}", None),
                ):
                    reply = self.server.request(method, path, body)
                    self.assertIn(reply.status, (400, 404), (path[:40], reply.body))
                    self.assertEqual(reply.json["status"], reply.status)
        for user in ("%00", "a%00", "%FF", "%C3"):
            reply = self.server.request("DELETE", f"/v1/feedback?user={user}")
            self.assert_problem(reply, 400, "user")
            self.assert_problem(self.server.get(f"/v1/export?after={user}"), 400, "after")

    def test_texts_with_zero_bytes(self):
        feedback = {"title": "a\0b", "category": "Design", "taskId": "t\0"}
        self.assertEqual(self.server.post("/v1/feedback", feedback).status, 201)
        event = self.server.get("/v1/export").lines[-1]["event"]
        self.assertEqual((event["title"], event["task_id"]), ("a\0b", "t\0"))
        for path, body in (("/v1/feedback", feedback), ("/v1/predict", {"title": "a"})):
            self.assert_problem(self.server.post(path, {**body, "user": "u\0"}), 400, "user")
        arms = [{"name": name, "modelVersion": "a\0b"} for name in "ab"]
        reply = self.server.post("/v1/experiments", {"id": "e", "arms": arms, "name": "n"})
        self.assertIn(reply.status, (400, 404), reply.body)
        self.assert_problem(
            self.server.post("/v1/experiments", {"id": "e", "arms": arms, "name": "n\0"}), 400, "name")


class JsonTest(HostileCase):
    def test_deep_nesting_is_refused_wherever_it_stands(self):
        start = time.monotonic()
        memory = self.server.metric("process_resident_memory_bytes")
        deep = b"[" * 3_000_000 + b"]" * 3_000_000
        objects = b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000
        for value in (deep, objects, deep[:3_000_000]):
            inside = b'{"title": "a", "category": "Design", "other": ' + value + b"}"
            for path in ("/v1/predict", "/v1/feedback", "/v1/categories", "/v1/experiments",
                         "/v1/categories/design/merge", "/v1/experiments/x/weights"):
                for body in (value, inside):
                    self.assert_problem(self.server.post(path, body, **JSON), 400, "body")
            self.assert_problem(self.server.post("/v1/batch", b"[" + inside + b"]", **JSON), 400,
                                "body")
        row = b'{"title": "a", "other": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        reply = self.server.post("/v1/batch", row + b"\n" + TASK,
                                 Content_Type="application/x-ndjson")
        self.assertEqual(reply.lines[0]["error"]["field"], "row")
        self.assertIn("decision", reply.lines[1])
        growth = self.server.metric("process_resident_memory_bytes") - memory
        self.assertLess(growth, 160 << 20)
        self.assertLess(time.monotonic() - start, 60)

    def test_nesting_of_a_hundred_levels_is_read(self):
        for levels, status in ((99, 200), (100, 400)):
            body = b'{"title": "a [[[", "x": ' + b"[" * levels + b'"\\"]"' + b"]" * levels + b"}"
            self.assertEqual(self.server.post("/v1/predict", body, **JSON).status, status)
        rows = b"[" + b'{"title": "a", "x": {"y": [[1]]}},' * 200 + TASK + b"]"
        self.assertEqual(len(self.server.post("/v1/batch", rows, **JSON).json), 201)

    def test_an_object_of_many_names_costs_no_square(self):
        names = b",".join(b'"%x":0' % i for i in range(400_000))
        body = b'{"title": "a",' + names + b"}"
        start = time.monotonic()
        self.assertEqual(self.server.post("/v1/predict", body, **JSON).status, 200)
        row = b'{"title": "a",' + names[:200_000].rpartition(b",")[0] + b"}"
        reply = self.server.post("/v1/batch", b"\n".join([row] * 20),
                                 Content_Type="application/x-ndjson")
        self.assertEqual(reply.body.count(b'"decision"'), 20)
        self.assertLess(time.monotonic() - start, 30)

    def test_numbers_and_texts_at_their_ends(self):
        for value in (b"1e999", b"-1e999", b"1e-999", b"-0", b"9" * 400, b"NaN", b"Infinity", b"0x1",
                      b"18446744073709551616", b"1.", b"01", b'"\\ud800"', b'"\\u0000"', b"\xff",
                      b'"\xf0\x9f"', b"\xef\xbb\xbf1", b'"\x01"', b"tru"):
            for path, name in (("/v1/feedback", b"time"), ("/v1/experiments", b"traffic"),
                               ("/v1/predict", b"x"), ("/v1/experiments/e/weights", b"weights"),
                               ("/v1/feedback", b"suggestions")):
                with self.subTest(path=path, value=value[:20]):
                    body = b'{"title": "a", "category": "Design", "' + name + b'": ' + value + b"}"
                    reply = self.server.post(path, body, **JSON)
                    self.assertLess(reply.status, 500, reply.body)
                    json.loads(reply.body)


class FloodTest(HostileCase):
    arguments = (*HostileCase.arguments, "--max-streams", "2")

    def test_a_client_that_sends_a_thousand_requests_before_it_reads(self):
        count = 1000
        with self.server.raw() as connection:
            sender = threading.Thread(target=connection.sendall, args=(
                (GET + b"\r\n") * (count - 1) + GET + b"Connection: close\r\n\r\n",))
            sender.start()
            time.sleep(0.5)
            self.assertEqual(read_all(connection).count(b"HTTP/1.1 200 OK"), count)
            sender.join()

    def test_a_client_that_never_reads_holds_no_more_than_its_connection(self):
        memory = self.server.metric("process_resident_memory_bytes")
        block = b'{"title": "Write chapter %d of the handbook"}\n' * 10_000 % tuple(range(10_000))
        connections = [self.server.raw() for _ in range(2)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.settimeout(1)
            connection.sendall(STREAM + b"Content-Length: %d\r\n\r\n" % (len(block) * 1000))
            try:
                for _ in range(200):
                    connection.sendall(block)
            except TimeoutError:
                pass
        growth = self.server.metric("process_resident_memory_bytes") - memory
        self.assertLess(growth, 64 << 20)
        # Nor does it keep the places of the streams, once what it sent is worked off.
        deadline = time.monotonic() + 30
        while True:
            reply = self.server.post("/v1/batch", b"", Content_Type="application/x-ndjson")
            if reply.status != 503 or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        self.assertEqual(reply.status, 200, reply.body)


@unittest.skipUnless(postgres_folder(), "PostgreSQL is not installed")
class PostgresTest(HostileCase):
    """What PostgreSQL would refuse never reaches it, so that it does not count as away."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="smartsynch_hostile_"))
        cls.addClassCleanup(shutil.rmtree, folder, True)
        folder.chmod(0o755)
        cls.postgres = Postgres(folder / "postgres")
        cls.addClassCleanup(cls.postgres.kill)
        cls.arguments = (*HostileCase.arguments, "--postgres", cls.postgres.address)
        super().setUpClass()

    test_names_that_no_database_takes = PathsTest.test_names_that_no_database_takes
    test_texts_with_zero_bytes = PathsTest.test_texts_with_zero_bytes

    def test_forgetting_half_a_name_forgets_nobody(self):
        feedback = {"title": "a", "category": "Design", "user": "ann"}
        self.assertEqual(self.server.post("/v1/feedback", feedback).status, 201)
        for user in ("ann%00", "ann%00a", "ann%FF"):
            reply = self.server.request("DELETE", f"/v1/feedback?user={user}")
            self.assert_problem(reply, 400, "user")
        self.assertEqual(self.server.request("DELETE", "/v1/feedback?user=ann").json,
                         {"forgotten": 1})

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.server.metric("smartsynch_store_available"), 1)
        self.assertEqual(self.server.metric("smartsynch_store_failures_total"), 0)


if __name__ == "__main__":
    unittest.main()
