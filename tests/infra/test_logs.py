"""`logs: elasticsearch`: what is read on a node, what becomes of a line, and how it is kept."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.logs import collecting, keeping
from service.base import logs
from tests import ecs
from tests.infra import collector
from tests.infra.collector import bulk, events, kubelets
from tests.infra.objects import one, pod
from tests.infra.receiver import Receiver
from tests.infra.scenarios import API_KEY, SCENARIOS, configured, deployed

FILES = one(deployed("logs"), "ConfigMap", "filebeat")["data"]
CONFIGURATION = json.loads(FILES["filebeat.yml"])
TEMPLATE = json.loads(FILES["template.json"])
STREAM = "logs-board-htmx-fastapi"
# As nginx wrote it.
NGINX = (
    b'{"@timestamp":"2026-11-28T21:46:58.053+00:00","log.level":"info","message":"GET /msgs",'
    b'"ecs.version":"9.4.0","event.kind":"event","event.category":["web"],"event.type":["access"],'
    b'"event.outcome":"success","event.dataset":"nginx.access","event.module":"nginx",'
    b'"event.duration":2000000,"service.name":"nginx","process.pid":27576,'
    b'"trace.id":"fa4abc5906dd11fa65613fa7206b79f2",'
    b'"http.request.id":"fa4abc5906dd11fa65613fa7206b79f2","client.ip":"192.0.2.7",'
    b'"source.ip":"127.0.0.1","http.request.method":"GET","url.path":"/msgs","url.scheme":"http",'
    b'"http.version":"1.1","http.response.status_code":200,"http.response.body.bytes":3,'
    b'"user_agent.original":"curl/8.5.0","nginx.limit_req":"PASSED","nginx.limit_conn":"PASSED",'
    b'"nginx.cache":"","nginx.upstream.address":"127.0.0.1:34005","nginx.upstream.status":"200",'
    b'"nginx.upstream.seconds":"0.002"}'
)
POSTGRES = b"2026-11-28 21:00:00.000 UTC [1] LOG:  database system is ready to accept connections"
# Every option that ours has, as filebeat.reference.yml of 9.5 has them: it ignores others.
OPTIONS = {
    *("name", "path.data", "http.enabled", "http.host", "http.port", "logging.metrics.enabled"),
    *(f"filebeat.inputs.{each}" for each in ("type", "id", "paths", "compression")),
    *("filebeat.inputs.file_identity.fingerprint", "filebeat.inputs.parsers.container.format"),
    "filebeat.inputs.close.on_state_change.removed",
    "filebeat.inputs.prospector.scanner.exclude_files",
    *(
        f"filebeat.inputs.prospector.scanner.fingerprint.{each}"
        for each in ("enabled", "offset", "length")
    ),
    *(
        f"filebeat.inputs.parsers.ndjson.{each}"
        for each in ("target", "expand_keys", "overwrite_keys", "ignore_decoding_error")
    ),
    *(f"processors.dissect.{each}" for each in ("field", "tokenizer", "target_prefix")),
    *("processors.fingerprint.fields", "processors.fingerprint.target_field"),
    *(f"setup.template.{each}" for each in ("name", "pattern", "overwrite")),
    *(f"setup.template.json.{each}" for each in ("enabled", "name", "path", "data_stream")),
    "setup.ilm.enabled",
    *(f"output.elasticsearch.{each}" for each in ("hosts", "index", "api_key")),
    *("output.elasticsearch.username", "output.elasticsearch.password"),
}


class Node:
    """A node's folder of logs, and an Elasticsearch that is sent what is in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.elasticsearch = Receiver(TEMPLATE)

    def write(self, where: str, *lines: bytes, file: str = "0.log") -> Path:
        """Have a container's file, of `namespace_pod_uid/container`, with these lines."""
        path = self.folder / "var" / "log" / "pods" / where / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as opened:
            opened.write(kubelets(list(lines)))
        return path

    def send(self) -> list[int]:
        """Send everything that there is, and return how each line was answered."""
        found = events(CONFIGURATION, self.folder)
        return self.elasticsearch.bulk(bulk(CONFIGURATION, found)) if found else []

    @property
    def kept(self) -> list[dict[str, Any]]:
        return list(self.elasticsearch.documents.values())


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def board_says(name: str, level: int, words: str, **more: Any) -> bytes:
    """Return a line as the board writes it in this deployment."""
    environ = one(deployed("logs"), "ConfigMap", "settings")["data"]
    record = logging.LogRecord(name, level, __file__, 1, words, (), None)
    vars(record).update(more)
    return logs.handler(environ["LOG_FORMAT"]).format(record).encode()


def test_a_line_of_the_board_is_kept_with_its_own_fields(node: Node):
    line = board_says("service.security", logging.WARNING, "sign-in failed", client="192.0.2.7")
    node.write("htmx-fastapi_web-7d4-x_1a2b/web", line)
    assert node.send() == [201]
    (kept,) = node.kept
    told = ecs.read(line)
    assert {name: collector.at(kept, name) for name in told} == told
    assert kept["kubernetes"] == {
        "namespace": "htmx-fastapi",
        "pod": {"name": "web-7d4-x", "uid": "1a2b"},
        "container": {"name": "web"},
    }


def test_nginxs_lines_are_kept_likewise(node: Node):
    node.write("htmx-fastapi_nginx-5c-y_3c4d/nginx", NGINX, b"nginx: [alert] no object")
    assert node.send() == [201, 201]
    assert [each["message"] for each in node.kept] == ["GET /msgs", "nginx: [alert] no object"]
    assert node.kept[0]["http"]["response"]["status_code"] == 200


def test_what_writes_no_objects_is_kept_as_its_words(node: Node):
    node.write("htmx-fastapi_postgres-0_5e6f/postgres", POSTGRES, b'{"log": "no field"}' + b" " * 9)
    node.write("htmx-fastapi_migrate-1-z_7a8b/migrate", b"x" * 40_000)
    assert node.send() == [201, 201, 201]
    assert {each["message"] for each in node.kept} == {
        POSTGRES.decode(),
        '{"log": "no field"}' + " " * 9,
        "x" * 40_000,
    }
    assert {each["@timestamp"] for each in node.kept} == {"2026-11-28T21:00:00.123456789Z"}


def test_nobody_elses_lines_are_read(node: Node):
    for where in (
        *("other_web-1_1/web", "htmx-fastapi-logs_filebeat-x_1/filebeat"),
        *("htmx-fastapi2_web-1_1/web", "kube-system_etcd-0_1/etcd"),
    ):
        node.write(where, POSTGRES)
    assert node.send() == []


def test_a_line_that_is_sent_again_is_no_second_one(node: Node):
    file = node.write("htmx-fastapi_postgres-0_5e6f/postgres", POSTGRES, POSTGRES)
    assert node.send() == [201, 201]
    assert node.send() == [409, 409]  # as after Filebeat was killed before it noted them
    # The kubelet puts a full file aside, and a new one has the name of before.
    file.rename(file.with_name("0.log.20261128-220000"))
    file.write_bytes(kubelets([POSTGRES, POSTGRES], "2026-11-28T22:00:00.000000001Z"))
    file.with_name("0.log.20261128-210000.gz.tmp").write_bytes(b"half of what is compressed" * 9)
    assert sorted(node.send()) == [201, 201, 409, 409]


def test_a_hostile_line_makes_no_field(node: Node):
    hostile = {f"k{n}.{n}": {"a": {"b": n}} for n in range(2000)}
    line = json.dumps({"@timestamp": "2026-11-28T21:00:00Z", "message": "a", **hostile})
    node.write("htmx-fastapi_web-7d4-x_1a2b/web", line.encode())
    assert node.send() == [201]
    assert TEMPLATE["template"]["mappings"]["dynamic"] is False
    # Nor is a line lost for a value of another type.
    assert TEMPLATE["template"]["settings"]["index"]["mapping"]["ignore_malformed"] is True


@pytest.mark.parametrize("name", ecs.FIELDS)
def test_each_field_that_a_line_may_have_can_be_searched_as_what_it_is(name: str):
    """The tests of the board and of nginx see to it that their lines have no other fields."""
    kind = (
        ecs.FIELDS[name].removesuffix("s") if ecs.FIELDS[name] == "keywords" else ecs.FIELDS[name]
    )
    if name.startswith(("board.", "nginx.")):
        assert keeping.FIELDS[name.partition(".")[0]]["type"] == "flattened"
    else:
        assert keeping.FIELDS[name]["type"] == kind


def test_lines_are_kept_for_the_days_that_are_configured():
    found = one(configured(**SCENARIOS["logs"], logDays=7), "ConfigMap", "filebeat")["data"]
    lifecycle = json.loads(found["template.json"])["template"]["lifecycle"]
    assert lifecycle == {"enabled": True, "data_retention": "7d"}
    assert TEMPLATE["template"]["lifecycle"]["data_retention"] == "30d"


def test_template_and_data_stream_have_one_name():
    """Filebeat makes a data stream that is called as the template."""
    made = CONFIGURATION["setup"]["template"]
    assert TEMPLATE["index_patterns"] == [STREAM]
    assert CONFIGURATION["output"]["elasticsearch"]["index"] == STREAM
    assert made["json"]["name"] == made["name"] == made["pattern"] == STREAM
    assert made["json"]["path"] == f"{collecting.FOLDER}/template.json"


@pytest.mark.parametrize("name", ["logs", "logs-trial"])
def test_filebeat_is_told_nothing_that_it_does_not_know(name: str):
    found = json.loads(one(deployed(name), "ConfigMap", "filebeat")["data"]["filebeat.yml"])
    secret = json.loads(one(deployed(name), "Secret", "filebeat")["stringData"]["output.yml"])
    assert set(options(found)) | set(options(secret)) <= OPTIONS


def options(value: Any, name: str = "") -> Iterator[str]:
    """Yield the dotted name of every option."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from options(each, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from options(each, name)
    else:
        yield name


def test_filebeat_goes_to_the_elasticsearch_that_is_named_with_its_key():
    secret = one(deployed("logs"), "Secret", "filebeat")["stringData"]["output.yml"]
    assert json.loads(secret) == {"output": {"elasticsearch": {"api_key": API_KEY}}}
    assert CONFIGURATION["output"]["elasticsearch"]["hosts"] == ["https://logs.example.org:443"]
    (container,) = pod(deployed("logs"), "filebeat").containers
    assert {"name": "SSL_CERT_DIR", "value": "/etc/authorities"} in container["env"]
    named = [each for each in container["args"] if not each.startswith("-")]
    assert named == ["/etc/filebeat/filebeat.yml", "/run/secrets/filebeat/output.yml"]


def test_one_to_try_it_with_is_made_with_a_password_of_its_own():
    objects = deployed("logs-trial")
    password = one(objects, "Secret", "elasticsearch")["stringData"]["password"]
    secret = json.loads(one(objects, "Secret", "filebeat")["stringData"]["output.yml"])
    assert secret["output"]["elasticsearch"] == {"username": "elastic", "password": password}
    found = json.loads(one(objects, "ConfigMap", "filebeat")["data"]["filebeat.yml"])
    assert found["output"]["elasticsearch"]["hosts"] == ["http://elasticsearch:9200"]


def test_without_it_the_board_writes_as_before():
    assert one(deployed("defaults"), "ConfigMap", "settings")["data"]["LOG_FORMAT"] == "json"
    assert not [each for each in deployed("defaults") if each["kind"] == "DaemonSet"]
