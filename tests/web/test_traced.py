"""Traces: sent if the environment asks for them, with nothing in them that is anybody's."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.base import traces
from service.base.config import Settings
from service.messages import messages
from tests import ecs
from tests.people import ON_POSTGRESQL, ONE_DATABASE, PASSWORD, PROGRAM, add_person, new_client
from tests.servers import KEY, PROJECT, Server, within
from tests.web.collector import Collector, attributes, collecting

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PROXY = "10.0.0.1"
TEXT = "A message is nobody else's business"


@pytest.fixture
def collector() -> Generator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def trace_to(
    database: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], TestClient]:
    """Return a function that makes a client of a board that sends its traces to a URL."""

    def trace_to(url: str) -> TestClient:
        from service.web.traced import Traced

        monkeypatch.setenv(ENDPOINT, url)
        return TestClient(
            create_app(replace(settings, trusted_proxies=(PROXY,)), traced=Traced),
            base_url="http://board.test",
            raise_server_exceptions=False,
            headers=PROGRAM,
            client=(PROXY, 1),
        )

    return trace_to


def sign_in(client: TestClient) -> None:
    add_person("alice")
    answer = client.post("/api/login", data={"username": "alice", "password": PASSWORD})
    assert answer.status_code == 200


def children(collector: Collector, name: str) -> set[str]:
    """Return the names of the parts of a request's span."""
    span = collector.named(name)
    found = [each for each in collector.spans() if each.parent_span_id == span.span_id]
    assert {each.trace_id for each in found} == {span.trace_id}
    assert {attributes(each)["db.system.name"] for each in found} <= {"sqlite", "postgresql"}
    return {each.name for each in found}


def test_a_request_is_a_span_with_its_transactions(
    trace_to: Callable[[str], TestClient], collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    # FastAPI has traces of its own, which tell paths and queries.
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    with trace_to(collector.url) as client:
        sign_in(client)
        given = {"traceparent": f"00-{TRACE}-{PARENT}-01", "user-agent": "A browser"}
        number = client.post("/api/message", json={"message": TEXT}, headers=given).json()["id"]
        client.get(f"/api/messages?q={TEXT}&token=hush")
        client.post(f"/api/message/{number}/edit", json={"message": f"{TEXT}!"})
        client.get("/nobody/knows/this")
    post = collector.named("POST /api/message")
    assert (post.trace_id.hex(), post.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(post) == {
        "http.request.method": "POST",
        "http.route": "/api/message",
        "http.response.status_code": 201,
        "url.scheme": "http",
    }
    assert children(collector, "GET /api/messages") == {"database"}
    assert "database transaction" in children(collector, "POST /api/message/{message_id}/edit")
    missing = collector.named("GET")  # no route, and its path may be anything
    assert attributes(missing)["http.response.status_code"] == 404
    assert collector.resource()["service.name"] == "board"
    sent = b"".join(collector.bodies)
    for secret in (TEXT, "alice", PASSWORD, "hush", "knows", "browser", "INSERT", "127.0.0.1"):
        assert secret.encode() not in sent


@ONE_DATABASE
def test_a_stranger_can_neither_join_a_trace_nor_have_one_kept(
    trace_to: Callable[[str], TestClient], collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    given = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    with trace_to(collector.url) as proxy:
        stranger = new_client(proxy, address="192.0.2.7")
        stranger.get("/healthz", headers=given | {"x-forwarded-for": PROXY})
        proxy.get("/readyz", headers=given)
    assert {span.name for span in collector.spans()} - {"database"} == {"GET /readyz"}


@ONE_DATABASE
def test_a_failure_is_told_by_its_kind_alone(
    trace_to: Callable[[str], TestClient], collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(TEXT)

    with trace_to(collector.url) as client:
        sign_in(client)
        monkeypatch.setattr(messages, "newest", fail)
        assert client.get("/msgs").status_code == 500
    span = collector.named("GET /msgs")
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert attributes(span)["error.type"] == "500"
    assert TEXT.encode() not in b"".join(collector.bodies)


@ONE_DATABASE
def test_a_line_of_the_log_has_the_ids_of_its_trace(
    trace_to: Callable[[str], TestClient], collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    from service.base.ecs import EcsFormatter

    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(EcsFormatter())
    handler.emit = lambda record: lines.append(handler.format(record))
    caplog.set_level(logging.INFO, "service.access")
    logging.getLogger("service.access").addHandler(handler)
    try:
        with trace_to(collector.url) as client:
            request_id = client.get("/healthz").headers["x-request-id"]
    finally:
        logging.getLogger("service.access").removeHandler(handler)
    line = ecs.read(lines[0])
    span = collector.named("GET /healthz")
    assert (line["trace.id"], line["span.id"]) == (span.trace_id.hex(), span.span_id.hex())
    assert line["http.request.id"] == request_id


@ON_POSTGRESQL
def test_each_worker_sends_and_a_stream_is_told_at_its_begin(
    database: None, start_server: Callable[..., Server], collector: Collector
) -> None:
    add_person("alice")
    own = {"OTEL_SERVICE_NAME": "team", "OTEL_BSP_SCHEDULE_DELAY": "100", "WORKERS": "2"}
    server = start_server(**{ENDPOINT: collector.url, **own})
    alice = server.sign_in("alice", PASSWORD)
    with alice.stream("GET", "/api/events"):
        within(20, lambda: "GET /api/events" in {span.name for span in collector.spans()})
    assert collector.resource()["service.name"] == "team"
    before = len(collector.spans())
    alice.get("/healthz")
    assert server.stop() < 5
    assert "traces can't be sent" not in server.output()
    assert "ended span" not in server.output()
    assert len(collector.spans()) > before  # what was left
    assert "Killing" not in server.output()
    line = next(ecs.read(line) for line in server.output().splitlines() if "/api/events" in line)
    assert line["service.name"] == "team"
    assert line["trace.id"] == collector.named("GET /api/events").trace_id.hex()


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["away", "silent"])
def test_a_collector_that_takes_nothing_costs_a_line(
    trace_to: Callable[[str], TestClient],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        if kind == "silent":
            mute.listen()
        with trace_to(f"http://127.0.0.1:{mute.getsockname()[1]}") as client:
            for _ in range(8):
                assert client.get("/healthz").status_code == 200
                time.sleep(0.1)
            monkeypatch.undo()
            within(20, lambda: "traces can't be sent" in caplog.text)
            started = time.monotonic()
        assert time.monotonic() - started < 5
    assert caplog.text.count("traces can't be sent") == 1
    assert [r for r in caplog.records if not r.name.startswith("service")] == []


# Off.


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "board", "OTEL_TRACES_SAMPLER": "always_on"}, False),
        ({ENDPOINT: ""}, False),
        ({ENDPOINT: "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", ENDPOINT: "http://c:4318"}, False),
        ({"OTEL_SDK_DISABLED": "True", ENDPOINT: "http://c:4318"}, False),
    ],
)
def test_variables_ask_for_traces(environ: dict[str, str], wanted: bool) -> None:
    assert traces.are_wanted(environ) is wanted


def test_what_the_board_does_not_speak_is_said() -> None:
    assert traces.cannot({ENDPOINT: "http://c:4318"}) is None
    assert traces.cannot({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}) is None
    assert "zipkin" in (traces.cannot({"OTEL_TRACES_EXPORTER": "zipkin"}) or "")
    assert "grpc" in (traces.cannot({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}) or "")


@pytest.mark.parametrize(
    ("given", "loaded"),
    [({}, "False"), ({ENDPOINT: "http://127.0.0.1:9"}, "True")],
    ids=["off", "on"],
)
def test_a_board_without_traces_does_not_import_the_library(
    given: dict[str, str], loaded: str
) -> None:
    script = (
        "import os, sys; from service.base import config; from service.commands import running;"
        "running.load_app(config.read_settings(os.environ), None);"
        "print('opentelemetry.sdk' in sys.modules, flush=True); os._exit(0)"
    )
    environ = {"SECRET_KEY": KEY, "DATABASE_URL": "sqlite:///var/none.sqlite3", **given}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [loaded]
