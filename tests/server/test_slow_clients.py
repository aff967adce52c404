"""Clients that send their requests a byte at a time: they end, and nobody waits for them."""

import contextlib
import json
import threading
import time
import unittest

from server_case import HEAD, ServerCase, read_all

BODY = HEAD + b"Content-Length: 100000\r\n\r\n"
STREAM = (b"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
          b"Content-Length: 100000\r\n\r\n")
ROW = b'{"title": "Fix login crash"}\n'


@contextlib.contextmanager
def dripping(server, beginnings):
    """A connection for each of `beginnings`, which then gets a byte every 0.1 s."""
    connections = [server.raw() for _ in beginnings]
    for connection, data in zip(connections, beginnings):
        connection.sendall(data)
    ended = threading.Event()

    def drip():
        while not ended.wait(0.1):
            for connection in connections:
                with contextlib.suppress(OSError):  # cut off
                    connection.send(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield connections
    finally:
        ended.set()
        thread.join()
        for connection in connections:
            connection.close()


class SlowClientsCase(ServerCase):
    def assert_answered_soon(self):
        start = time.monotonic()
        self.assert_healthy()
        reply = self.server.post("/v1/batch", ROW * 3, Content_Type="application/x-ndjson")
        self.assertEqual(reply.status, 200, reply.body)
        self.assertEqual([line.keys() for line in reply.lines], [reply.lines[0].keys()] * 3)
        self.assertIn("decision", reply.lines[0])
        self.assertLess(time.monotonic() - start, 1)

    def assert_timed_out(self, reply):
        head, _, body = reply.partition(b"\r\n\r\n")
        self.assertRegex(head, rb"^HTTP/1.1 408 Request Timeout\r\n")
        self.assertIn(b"Content-Type: application/problem+json\r\n", head)
        self.assertIn(b"Connection: close", head)
        problem = json.loads(body)
        self.assertEqual(problem["status"], 408)
        self.assertTrue(problem["detail"])


class OthersTest(SlowClientsCase):
    arguments = ("--tier", "instant", "--threads", "1", "--max-connections", "80")

    def test_heads_and_bodies(self):
        with dripping(self.server, [HEAD, BODY] * 32):
            self.assert_answered_soon()

    def test_streams_without_a_row(self):
        with dripping(self.server, [STREAM, STREAM + ROW[:9]] * 32):
            time.sleep(1.5)
            self.assert_answered_soon()

    def test_streams_after_a_row(self):
        with dripping(self.server, [STREAM + ROW] * 32):
            time.sleep(1.5)
            for _ in range(3):
                self.assert_answered_soon()

    def test_every_connection_there_may_be(self):
        beginnings = [b"", HEAD, BODY, STREAM] * 20
        with dripping(self.server, beginnings):
            time.sleep(1.5)
            for _ in range(3):
                self.assert_answered_soon()

    def test_a_stream_at_work_keeps_its_place(self):
        """Its client writes a row, reads the answer, and so on, while others want its place."""
        with self.server.raw() as connection:
            count = 100
            head = STREAM.replace(b"100000", b"%d" % (len(ROW) * count))
            connection.sendall(head)
            with dripping(self.server, [STREAM] * 40):
                for _ in range(count):
                    connection.sendall(ROW)
                    time.sleep(0.03)
                reply = b""
                while not reply.endswith(b"\r\n0\r\n\r\n"):
                    part = connection.recv(65536)
                    self.assertTrue(part, reply[-300:])
                    reply += part
        self.assertEqual(reply.count(b'"decision"'), count)


class TimeTest(SlowClientsCase):
    arguments = ("--tier", "instant", "--request-seconds", "1")

    def test_a_request_that_does_not_arrive_in_time(self):
        beginnings = (HEAD, HEAD[:5], BODY, BODY + b'{"title"',
                      HEAD + b"Transfer-Encoding: chunked\r\n\r\n", STREAM)
        for data in beginnings:
            with self.subTest(data=data), self.server.raw() as connection:
                connection.sendall(data)
                start = time.monotonic()
                self.assert_timed_out(read_all(connection))
                self.assertLess(time.monotonic() - start, 5)

    def test_the_description_says_so(self):
        for path, operations in self.server.get("/openapi.json").json["paths"].items():
            for method, operation in operations.items():
                with self.subTest(path=path, method=method):
                    self.assertEqual("requestBody" in operation, "408" in operation["responses"])

    def test_the_time_is_for_the_whole_and_not_for_a_byte(self):
        beginnings = (HEAD, BODY, STREAM, STREAM + ROW[:9])
        with dripping(self.server, beginnings) as connections:
            for connection in connections:
                self.assert_timed_out(read_all(connection))

    def test_every_row_of_a_stream_has_its_own_time(self):
        with self.server.raw() as connection:
            connection.sendall(STREAM)
            for _ in range(4):
                connection.sendall(ROW[:9])
                time.sleep(0.6)
                connection.sendall(ROW[9:])
                self.assertIn(b'"decision"', connection.recv(65536))

    def test_a_row_that_drips_ends_a_stream_that_was_answered(self):
        with dripping(self.server, [STREAM + ROW]) as connections:
            reply = read_all(connections[0])
        self.assertIn(b'"decision"', reply)
        self.assertFalse(reply.endswith(b"\r\n0\r\n\r\n"))

    def test_a_connection_that_asks_nothing_gets_no_answer(self):
        self.assert_healthy()
        with self.server.raw() as connection:
            connection.settimeout(2)
            with self.assertRaises(TimeoutError):
                connection.recv(1)

    def test_the_next_request_has_its_own_time(self):
        body = b'{"title": "Fix login crash"}'
        whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        with self.server.raw() as connection:
            for _ in range(4):
                connection.sendall(whole[:20])
                time.sleep(0.6)
                connection.sendall(whole[20:])
                self.assertIn(b"200 OK", connection.recv(65536))


if __name__ == "__main__":
    unittest.main()
