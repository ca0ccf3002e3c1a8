"""The doctor: whether the Redis can be used that the processes share."""

import re
from pathlib import Path

import pytest

from tests.patient import Examine
from tests.people import ONE_DATABASE
from tests.redis_server import PASSWORD, RedisServer

README = Path(__file__).parent.parent.parent / "README.md"
pytestmark = [ONE_DATABASE, pytest.mark.usefixtures("database")]


def test_one_that_answers_is_no_finding(examine: Examine, lasting_redis: RedisServer) -> None:
    assert examine(REDIS_URL=lasting_redis.url) == []


def test_one_that_is_away_and_one_that_refuses_are_found(
    examine: Examine, lasting_redis: RedisServer
) -> None:
    ((check, finding),) = examine(REDIS_URL="redis://127.0.0.1:1")
    assert check == "redis"
    assert finding.startswith("Redis can't be used (127.0.0.1:1: Error 111 connecting to ")
    assert finding.endswith("limits are each process's own.")
    ((_, finding),) = examine(REDIS_URL=lasting_redis.url.replace(PASSWORD, "wr0ng"))
    assert "invalid username-password pair or user is disabled.): mend REDIS_URL" in finding
    assert "wr0ng" not in finding


def test_a_user_of_its_own_needs_what_the_readme_says_and_no_less(
    examine: Examine, lasting_redis: RedisServer
) -> None:
    client, url = lasting_redis.client(), lasting_redis.url.replace(f":{PASSWORD}", "small:small")
    (rules,) = re.findall("`(~board[^`]+)`", README.read_text())
    client.execute_command("ACL", "SETUSER", "small", "on", ">small", *rules.split())
    try:
        assert examine(REDIS_URL=url) == []
        client.execute_command("ACL", "SETUSER", "small", "resetchannels")
        ((_, finding),) = examine(REDIS_URL=url)
        assert "o permissions to access" in finding  # Redis and Valkey word it otherwise
    finally:
        client.acl_deluser("small")
