"""Keys, origins, rate limits, and what the log says and does not say."""

import json
import time
import unittest

from server_case import Server, ServerCase

WRITE, ADMIN = "write-key-of-the-tests", "admin-key-of-the-tests"
FEEDBACK = {"title": "Fix login crash", "category": "Development"}
PAGE, STRANGER = "https://tasks.example", "https://elsewhere.example"


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


class KeysTest(ServerCase):
    arguments = ("--tier", "instant", "--cors-origin", PAGE, "--log-requests")
    environment = {"SMARTSYNCH_WRITE_KEY": WRITE, "SMARTSYNCH_ADMIN_KEY": ADMIN}

    def test_who_may_do_what(self):
        for method, path, body, write, admin in (
            ("POST", "/v1/feedback", FEEDBACK, 201, 201),
            ("GET", "/v1/export", None, 401, 200),
            ("POST", "/v1/models/rollback", None, 401, 404),
            ("POST", "/v1/models/0123456789abcdef/activate", None, 401, 404),
            ("DELETE", "/v1/feedback?user=u", None, 401, 200),
            ("POST", "/v1/experiments", {}, 401, 400),
            ("POST", "/v1/experiments/e/stop", None, 401, 404),
        ):
            with self.subTest(path=path):
                ask = self.server.request
                self.assert_problem(ask(method, path, body), 401, "Authorization")
                self.assert_problem(ask(method, path, body, Authorization="Basic YTpi"), 401,
                                    "Authorization")
                self.assert_problem(ask(method, path, body, **bearer(WRITE + "x")), 401,
                                    "Authorization")
                self.assertEqual(ask(method, path, body, **bearer(WRITE)).status, write)
                self.assertEqual(ask(method, path, body, **bearer(ADMIN)).status, admin)
        self.assertEqual(self.server.get("/v1/models").status, 200)

    def test_a_stranger_s_key_is_refused_before_the_body_is_read(self):
        with self.server.raw() as connection:
            connection.sendall(b"POST /v1/models HTTP/1.1\r\nHost: localhost\r\n"
                               b"Content-Type: application/octet-stream\r\n"
                               b"Content-Length: 100000000\r\n\r\n")
            self.assertRegex(connection.recv(65536), rb"^HTTP/1.1 401 ")

    def test_pages_of_the_list_may_ask(self):
        ask = self.server.request
        reply = ask("OPTIONS", "/v1/predict", Origin=PAGE, Access_Control_Request_Method="POST")
        self.assertEqual(reply.status, 204)
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], PAGE)
        self.assertIn("Idempotency-Key", reply.headers["Access-Control-Allow-Headers"])
        reply = ask("POST", "/v1/predict", {"title": "a"}, Origin=PAGE)
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], PAGE)
        self.assertEqual(reply.headers["Vary"], "Origin")
        reply = ask("POST", "/v1/predict", {"title": "a"}, Origin=STRANGER)
        self.assert_problem(reply, 403, "Origin")
        self.assertIsNone(reply.headers["Access-Control-Allow-Origin"])
        reply = ask("OPTIONS", "/v1/predict", Origin=STRANGER)
        self.assertIsNone(reply.headers["Access-Control-Allow-Origin"])

    def test_the_log_has_one_line_of_json_a_request_and_no_text(self):
        self.server.post("/v1/predict", {"title": "kumquat marmalade", "user": "quince"})
        self.server.post("/v1/feedback", {**FEEDBACK, "title": "kumquat jelly", "user": "quince"},
                         **bearer(WRITE))
        self.server.get("/kumquat?quince")
        deadline = time.monotonic() + 10
        while '"route":"none"' not in self.server.log:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        events = [json.loads(line) for line in self.server.log.splitlines()]
        self.assertIn("POST /v1/predict", [event.get("route") for event in events])
        for secret in ("kumquat", "quince", WRITE, ADMIN):
            self.assertNotIn(secret, self.server.log)


class WithoutKeysTest(ServerCase):
    arguments = ("--tier", "instant")

    def test_localhost_may_do_all(self):
        self.assertEqual(self.server.post("/v1/feedback", FEEDBACK).status, 201)
        self.assertEqual(self.server.get("/v1/export").status, 200)

    def test_a_name_that_was_bent_to_this_machine_may_not(self):
        reply = self.server.post("/v1/feedback", FEEDBACK, Host="evil.example")
        self.assert_problem(reply, 403, "Host")
        reply = self.server.post("/v1/feedback", FEEDBACK, Origin=STRANGER)
        self.assert_problem(reply, 403, "Origin")
        self.assert_problem(self.server.post("/v1/feedback", b"{}", Content_Type="text/plain"), 415,
                            "Content-Type")

    def test_no_line_for_a_request(self):
        self.assert_healthy()
        self.assertNotIn('"request"', self.server.log)


class OpenAddressTest(ServerCase):
    arguments = ("--tier", "instant", "--host", "0.0.0.0")

    def test_writing_is_closed_without_a_key(self):
        self.assert_healthy()
        self.assert_problem(self.server.post("/v1/feedback", FEEDBACK), 403, "Authorization")
        self.assert_problem(self.server.get("/v1/export"), 403, "Authorization")


class RateTest(unittest.TestCase):
    def test_each_client_has_its_own_bucket(self):
        # So slow that no token comes back while the test runs.
        server = Server("--tier", "instant", "--rate", "0.001", "--burst", "3",
                        environment={"SMARTSYNCH_WRITE_KEY": WRITE})
        self.addCleanup(server.close)
        statuses = [server.post("/v1/predict", {"title": "a"}).status for _ in range(5)]
        self.assertEqual(statuses, [200, 200, 200, 429, 429])
        reply = server.post("/v1/predict", {"title": "a"})
        self.assertGreater(int(reply.headers["Retry-After"]), 100)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        # A key has a bucket of its own; watching is never limited.
        self.assertEqual(server.post("/v1/predict", {"title": "a"}, **bearer(WRITE)).status, 200)
        self.assertEqual(server.post("/v1/predict", {"title": "a"}, **bearer("guess")).status, 429)
        for _ in range(5):
            self.assertEqual(server.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
