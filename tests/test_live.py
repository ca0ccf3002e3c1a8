"""The live channel of a real server."""

import httpx2

from tests.people import PASSWORD, add_person
from tests.servers import Server


def test_a_post_reaches_an_open_stream(database: None, server: Server) -> None:
    add_person("alice")
    alice = server.sign_in("alice", PASSWORD)
    cursor = alice.get("/api/messages").json()["cursor"]
    with alice.stream("GET", "/api/events", params={"after": cursor}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == f"id: {cursor}"
        alice.post("/api/message", json={"message": "Now"})
        assert any("Now" in line for line in lines)


def test_streams_end_and_the_process_is_gone_within_3_s_of_sigterm(
    database: None, server: Server
) -> None:
    add_person("alice")
    alice = server.sign_in("alice", PASSWORD)
    with alice.stream("GET", "/api/events") as stream:
        assert isinstance(stream, httpx2.Response)
        assert server.stop() < 3
