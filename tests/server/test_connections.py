"""Connections that are slow, broken, oversized or too many; how the server ends."""

import json
import os
import resource
import signal
import socket
import threading
import time
import unittest

from server_case import HEAD, STREAM, RawCase, Server, ServerCase, read_all


class BrokenConnectionsTest(RawCase):
    arguments = ("--tier", "instant", "--request-seconds", "2", "--max-connections", "64",
                 "--max-body-mib", "1", "--max-rows", "100")

    def test_bytes_that_are_no_request(self):
        for data in (b"\r\n\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00" * 9, b"GET\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
                     b"POST /v1/predict HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                     HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
                     HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with self.subTest(data=data[:60]):
                self.assertRegex(self.send(data), rb"^HTTP/1.1 400 ")

    def test_a_head_without_end(self):
        self.assertRegex(self.send(b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 40000),
                         rb"^HTTP/1.1 431 ")

    def test_bodies_that_are_too_large(self):
        reply = self.send(HEAD + b"Content-Length: 99999999999\r\n\r\n" + b"a" * 100000)
        self.assertRegex(reply, rb"^HTTP/1.1 413 ")
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        reply = self.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 32)
        self.assertRegex(reply, rb"^HTTP/1.1 413 ")
        self.assert_problem(self.server.post("/v1/batch", [{"title": "a"}] * 101), 413, "body")

    def test_clients_that_send_one_byte_now_and_then(self):
        slow = [self.server.raw() for _ in range(20)]
        start = time.monotonic()
        replies = [b""] * len(slow)

        def drip(i):
            data = HEAD + b"Content-Length: 1000\r\n\r\n" if i % 2 else HEAD[:30]
            try:
                slow[i].sendall(data)
                while time.monotonic() - start < 20:
                    slow[i].sendall(b"a")
                    time.sleep(0.3)
            except (BrokenPipeError, ConnectionResetError):
                pass
            replies[i] = read_all(slow[i])
            slow[i].close()

        threads = [threading.Thread(target=drip, args=(i,)) for i in range(len(slow))]
        for thread in threads:
            thread.start()
        self.assert_healthy()
        for thread in threads:
            thread.join(60)
        self.assertLess(time.monotonic() - start, 20, "slow clients were never cut off")

    def test_clients_that_close_half_or_all(self):
        body = b'{"title": "Fix login crash"}'
        whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        with self.server.raw() as connection:  # no more to say, but still listening
            connection.sendall(whole)
            connection.shutdown(socket.SHUT_WR)
            self.assertIn(b'"decision"', read_all(connection))
        for length in range(1, len(whole), 7):
            with self.server.raw() as connection:
                connection.sendall(whole[:length])
        for stop in (socket.SHUT_WR, socket.SHUT_RDWR):
            with self.server.raw() as connection:
                connection.sendall(STREAM + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"tit")
                connection.shutdown(stop)
                read_all(connection)
        # Gone without a word while answers are on their way.
        for _ in range(20):
            connection = self.server.raw()
            connection.sendall(whole * 20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

    def test_more_connections_than_there_may_be(self):
        crowd = [self.server.raw() for _ in range(80)]
        try:
            refused = 0
            for connection in crowd[64:]:
                refused += read_all(connection).startswith(b"HTTP/1.1 503 ")
            self.assertGreater(refused, 0)
        finally:
            for connection in crowd:
                connection.close()
        self.wait_until_healthy()

    def wait_until_healthy(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.assert_healthy()
            except (AssertionError, OSError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def test_several_requests_in_one_packet_are_answered_in_order(self):
        requests = b""
        for i in range(5):
            body = b'{"title": "%s"}' % (b"x" if i % 2 else b"Fix login crash")
            requests += HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        requests += b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        reply = self.send(requests)
        self.assertEqual(reply.count(b"HTTP/1.1 200 OK"), 6)
        self.assertTrue(reply.endswith(b'{"status":"ok"}'))

    def test_old_clients_get_a_stream_that_ends_with_the_connection(self):
        body = b'{"title": "Fix login crash"}\n'
        reply = self.send(b"POST /v1/batch HTTP/1.0\r\nContent-Type: application/x-ndjson\r\n"
                          b"Content-Length: %d\r\n\r\n" % len(body) + body)
        head, _, rest = reply.partition(b"\r\n\r\n")
        self.assertNotIn(b"chunked", head)
        self.assertEqual(json.loads(rest)["tier"], "instant")

    def test_a_client_that_asks_before_it_sends(self):
        with self.server.raw() as connection:
            connection.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 14\r\n\r\n")
            self.assertEqual(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b'{"title": "a"}')
            self.assertIn(b"200 OK", connection.recv(65536))


class LongStreamTest(ServerCase):
    arguments = ("--tier", "instant", "--threads", "2")

    def test_memory_does_not_grow_with_the_rows(self):
        rows = 200_000
        block = b"".join(b'{"title": "Write chapter %d of the handbook"}\n' % i
                         for i in range(1000))
        before = self.server.metric("process_resident_memory_bytes")
        with self.server.raw() as connection:
            connection.sendall(STREAM + b"Content-Length: %d\r\nConnection: close\r\n\r\n" %
                               (len(block) * (rows // 1000)))

            def send():
                for _ in range(rows // 1000):
                    connection.sendall(block)

            sender = threading.Thread(target=send)
            sender.start()
            count = 0
            while part := connection.recv(1 << 16):
                count += part.count(b'"decision"')
            sender.join()
        # A name of a field may fall on the border of two packets.
        self.assertAlmostEqual(count, rows, delta=rows // 20)
        self.assertEqual(self.server.metric("smartsynch_predictions_total"), rows)
        growth = self.server.metric("process_resident_memory_bytes") - before
        self.assertLess(growth, 48 << 20)


class EndTest(unittest.TestCase):
    def start(self, *arguments):
        server = Server(*arguments)
        self.addCleanup(server.close)
        return server

    def test_what_was_accepted_is_finished(self):
        for sent in (signal.SIGTERM, signal.SIGINT):
            server = self.start("--threads", "1")
            idle = server.raw()
            stream = server.raw()
            rows = 300
            body = b"".join(b'{"title": "Plan milestone %d with the team"}\n' % i
                            for i in range(rows))
            stream.sendall(STREAM.replace(b"?tier=instant", b"") +
                           b"Content-Length: %d\r\n\r\n" % len(body) + body[:-1])
            single = server.raw()
            for connection in (idle, stream, single):
                self.addCleanup(connection.close)
            single.sendall(HEAD + b"Content-Length: 14\r\n\r\n" + b'{"title": ')
            time.sleep(0.3)  # all have begun
            server.process.send_signal(sent)
            time.sleep(0.3)
            with self.assertRaises(OSError):
                server.raw().close()
            self.assertEqual(read_all(idle), b"")
            single.sendall(b'"a"}')
            self.assertIn(b"200 OK", read_all(single))
            stream.sendall(body[-1:])
            self.assertEqual(read_all(stream).count(b'"decision"'), rows)
            self.assertEqual(server.stop(sent), 0)
            self.assertIn('"stopped"', server.log)

    def test_what_never_ends_is_cut_off(self):
        server = self.start("--tier", "instant", "--drain-seconds", "1")
        with server.raw() as connection:
            connection.sendall(HEAD)
            time.sleep(0.3)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(read_all(connection), b"")

    @unittest.skipIf("ASAN_OPTIONS" in os.environ,
                     "to see whether memory is readable, UBSan itself needs descriptors")
    def test_few_file_descriptors_are_no_end(self):
        server = self.start("--tier", "instant", "--request-seconds", "2")
        used = 40
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used, used))
        crowd = [server.raw() for _ in range(60)]
        time.sleep(0.5)
        for connection in crowd:
            connection.close()
        deadline = time.monotonic() + 30
        while True:
            try:
                self.assertEqual(server.get("/healthz").status, 200)
                break
            except OSError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)


class BusyTest(ServerCase):
    arguments = ("--threads", "1", "--max-waiting", "2", "--max-streams", "1")

    def test_a_full_queue_says_when_to_come_again(self):
        statuses = []
        bodies = []

        def ask(i):
            reply = self.server.post("/v1/predict", {"title": f"word {i} " * 200})
            statuses.append((reply.status, reply.headers["Retry-After"]))
            bodies.append(reply.json)

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({status for status, _ in statuses}, {200, 503})
        self.assertEqual({after for status, after in statuses if status == 503}, {"1"})

    def test_streams_have_their_limit(self):
        with self.server.raw() as connection:
            connection.sendall(STREAM + b"Transfer-Encoding: chunked\r\n\r\n")
            time.sleep(0.3)
            reply = self.server.post("/v1/batch", b"", Content_Type="application/x-ndjson")
            self.assert_problem(reply, 503)


if __name__ == "__main__":
    unittest.main()
