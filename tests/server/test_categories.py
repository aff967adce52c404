"""Categories changed over HTTP: added, renamed, merged, removed, each as often as one likes."""

import json
import signal
import threading
import unittest

from server_case import Server, ServerCase


class CategoriesTest(ServerCase):
    arguments = ("--tier", "instant")

    def setUp(self):
        self.server = Server(*self.arguments)
        self.addCleanup(self.server.close)

    def names(self, server=None):
        return {category["id"]: category["name"]
                for category in (server or self.server).get("/v1/categories").json["categories"]}

    def suggested(self, title):
        reply = self.server.post("/v1/predict", {"title": title}).json
        return {one["categoryId"]: one for one in reply["suggestions"]}

    def test_a_category_is_added_once(self):
        before = self.names()
        first = self.server.post("/v1/categories", {"name": "  Réunion d'équipe "})
        self.assertEqual((first.status, first.json["changed"]), (201, True), first.body)
        self.assertEqual(first.json["name"], "Réunion d'équipe")
        for name in ("Réunion d'équipe", "reunion D'EQUIPE", first.json["id"]):
            again = self.server.post("/v1/categories", {"name": name})
            self.assertEqual((again.status, again.json["id"], again.json["changed"]),
                             (200, first.json["id"], False), name)
        self.assertEqual(self.names(), {**before, first.json["id"]: "Réunion d'équipe"})
        feedback = self.server.post("/v1/feedback",
                                    {"title": "standup", "category": first.json["id"]})
        self.assertEqual(feedback.status, 201, feedback.body)

    def test_a_rename_keeps_the_id_and_shows_at_once(self):
        self.suggested("Fix login crash")  # remembered under the old name
        version = self.server.get("/v1/categories").json["modelVersion"]
        for changed in (True, False):
            reply = self.server.post("/v1/categories/development/rename", {"name": "Building"})
            self.assertEqual((reply.status, reply.json), (200, {
                "id": "development", "name": "Building", "changed": changed}))
        self.assertEqual(self.suggested("Fix login crash")["development"]["category"], "Building")
        self.assertNotEqual(self.server.get("/v1/categories").json["modelVersion"], version)
        self.assert_problem(
            self.server.post("/v1/categories/development/rename", {"name": "Design"}), 409, "name")

    def test_a_merge_adds_up_and_takes_feedback_for_the_old_id(self):
        before = self.suggested("Design new login page")
        for changed in (True, False):
            reply = self.server.post("/v1/categories/design/merge", {"into": "development"})
            self.assertEqual((reply.status, reply.json["id"], reply.json["changed"]),
                             (200, "development", changed))
        after = self.suggested("Design new login page")
        self.assertNotIn("design", after)
        self.assertAlmostEqual(
            after["development"]["confidence"],
            before["development"]["confidence"] + before["design"]["confidence"], delta=0.01)
        reply = self.server.post("/v1/feedback", {"title": "a", "categoryId": "design"})
        self.assertEqual((reply.status, reply.json["categoryId"]), (201, "development"))
        # The id is never given away again.
        self.assertNotEqual(self.server.post("/v1/categories", {"name": "Design"}).json["id"],
                            "design")

    def test_a_removed_category_is_never_suggested_and_one_stays(self):
        for changed in (True, False):
            reply = self.server.request("DELETE", "/v1/categories/design")
            self.assertEqual((reply.status, reply.json["changed"]), (200, changed), reply.body)
        self.assertNotIn("design", self.suggested("Design new logo"))
        self.assert_problem(self.server.post("/v1/feedback", {"title": "a", "category": "Design"}),
                            400, "category")
        names = list(self.names())
        for name in names[:-1]:
            self.assertEqual(self.server.request("DELETE", f"/v1/categories/{name}").status, 200)
        self.assert_problem(self.server.request("DELETE", f"/v1/categories/{names[-1]}"), 400, "id")
        self.assert_healthy(self.server)

    def test_errors_name_the_field(self):
        post = self.server.post
        for path, body, status, field in (
            ("/v1/categories", {}, 400, "name"), ("/v1/categories", {"name": 3}, 400, "name"),
            ("/v1/categories", {"name": " "}, 400, "name"),
            ("/v1/categories", {"name": "a\u0007b"}, 400, "name"),
            ("/v1/categories", {"name": "x" * 101}, 400, "name"),
            ("/v1/categories/nope/rename", {"name": "x"}, 404, "id"),
            ("/v1/categories/design/merge", {"into": "nope"}, 404, "into"),
            ("/v1/categories/nope/merge", {"into": "design"}, 404, "id"),
            ("/v1/categories/design/merge", {"into": "design"}, 400, "target_id"),
        ):
            with self.subTest(path=path, body=body):
                self.assert_problem(post(path, body), status, field)
        self.assert_problem(self.server.request("DELETE", "/v1/categories/nope"), 404, "id")
        self.assertEqual(self.server.get("/v1/categories").json["categories"][0].keys(),
                         {"id", "name"})

    def test_many_at_once_and_after_a_kill(self):
        replies, before = [], self.names()

        def add(number):
            for i in range(5):
                replies.append(self.server.post("/v1/categories", {"name": f"Topic {number} {i}"}))

        threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # One that met too many others says so, and is not there.
        added = {reply.json["id"]: reply.json["name"] for reply in replies if reply.status == 201}
        self.assertEqual({reply.status for reply in replies} - {201, 503}, set())
        self.assertGreater(len(added), 4)
        self.server.stop(signal.SIGKILL)
        again = Server(*self.arguments, state=self.server.state)
        self.addCleanup(again.close)
        names = self.names(again)
        self.assertEqual(names, {**before, **added})

    def test_only_who_administers_may_change_them(self):
        server = Server(*self.arguments, environment={
            "SMARTSYNCH_WRITE_KEY": "write-key-0123456789", "SMARTSYNCH_ADMIN_KEY": "admin-key-0123456789"})
        self.addCleanup(server.close)
        for key, status in (("write-key-0123456789", 401), ("admin-key-0123456789", 201)):
            reply = server.post("/v1/categories", {"name": "Secret"},
                                Authorization=f"Bearer {key}")
            self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(server.post("/v1/categories", {"name": "x"}).status, 401)
        self.assertNotIn("Secret", json.dumps(server.log))


if __name__ == "__main__":
    unittest.main()
