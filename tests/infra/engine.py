"""A stand-in for Pulumi's engine and its providers, at the protocol the program speaks.

It can't show what differs from before, what is replaced, or that a cluster gets ready. What it
shows is what the unmodified program asks for, in an `up` or a preview of a new stack.
"""

import json
import logging
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import grpc
import yaml
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

from infra.commands.program import FOLDER, PROJECT, program
from infra.settings import DECLARED

STACK = "test"
SECRET_KEYS = tuple(each.key for each in DECLARED.values() if each.secret)
Empty: Any = vars(empty_pb2)["Empty"]  # made at import, unseen by the type checker
Struct: Any = vars(struct_pb2)["Struct"]
SECRET = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
READ_OUTPUTS = "pulumi:pulumi:readStackOutputs"  # of the stack itself, from before this run
Path = tuple[str | int, ...]
FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
)


@dataclass
class Resource:
    """A resource as the program registered it."""

    urn: str
    type: str
    name: str
    request: resource_pb2.RegisterResourceRequest
    inputs: dict[str, Any]
    secrets: set[Path] = field(default_factory=set)


@dataclass
class Run:
    """What came of one run of the program."""

    error: str = ""
    logs: list[str] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[Path] = field(default_factory=set)

    def named(self, name: str, kind: str) -> Resource:
        """Return the one resource of this name whose type ends in `kind`."""
        found = [r for r in self.resources.values() if r.name == name and r.type.endswith(kind)]
        (one,) = found
        return one


@cache
def project() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "Pulumi.yaml").read_text())


def configuration(given: Mapping[str, object]) -> dict[str, str]:
    """Return the stack's whole configuration, as the command line merges it with the defaults."""
    declared = {key: entry["default"] for key, entry in project()["config"].items()}
    assert set(given) <= set(declared), "a key that Pulumi.yaml does not declare"
    return {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in {**declared, **given}.items()
    }


def run(
    given: Mapping[str, object],
    *,
    preview: bool = False,
    secret_keys: tuple[str, ...] = SECRET_KEYS,
    what: Callable[[], None] = program,
    before: Mapping[str, Any] | None = None,
) -> Run:
    """Run the program in this process, on a stack that had the outputs `before`."""
    with serve(preview=preview, before=before) as (found, address):
        asked = request(address, given, preview=preview, secret_keys=secret_keys)
        found.error = LanguageServer(what).Run(asked, None).error
    logging.getLogger("asyncio").setLevel(logging.NOTSET)  # which it has silenced for all
    return found


def request(
    address: str,
    given: Mapping[str, object],
    *,
    preview: bool,
    secret_keys: tuple[str, ...] = (),
) -> language_pb2.RunRequest:
    """Return what the engine at this address asks of whoever runs the program."""
    return language_pb2.RunRequest(
        project=PROJECT,
        stack=STACK,
        organization="organization",
        monitor_address=address,
        args=[address],
        config=configuration(given),
        configSecretKeys=[f"{PROJECT}:{key}" for key in secret_keys],
        dryRun=preview,
        parallel=4,
    )


@contextmanager
def serve(*, preview: bool, before: Mapping[str, Any] | None = None) -> Generator[tuple[Run, str]]:
    """Listen on a port of this machine; yield what is told there, and the address."""
    found = Run()
    with ThreadPoolExecutor(max_workers=16) as threads:
        server = grpc.server(threads)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(
            Monitor(found, preview, before or {}), server
        )
        engine_pb2_grpc.add_EngineServicer_to_server(Log(found), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield found, f"127.0.0.1:{port}"
        server.stop(None).wait()


class Log(engine_pb2_grpc.EngineServicer):
    """The engine's other half: what the program logs."""

    def __init__(self, found: Run) -> None:
        self.found = found
        self.root = ""

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> Any:  # noqa: N802
        if request.severity > engine_pb2.DEBUG:
            self.found.logs.append(request.message)
        return Empty()


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The half that resources are registered with, and that answers for their providers."""

    def __init__(self, found: Run, preview: bool, before: Mapping[str, Any]) -> None:
        self.found = found
        self.preview = preview
        self.before = before

    def GetDeploymentInfo(self, request: Any, context: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802
        return resource_pb2.DeploymentInfo(project=PROJECT, supportedFeatures=FEATURES)

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        asked = MessageToDict(request.args)
        if (request.tok, asked) != (READ_OUTPUTS, {"name": f"organization/{PROJECT}/{STACK}"}):
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok} {asked}")
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").update({**asked, "outputs": self.before})
        return answer

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:  # noqa: N802
        return Empty()

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802
        if "pulumi:pulumi:Stack" in request.urn:
            secrets: set[Path] = set()
            self.found.outputs = plain(MessageToDict(request.outputs), (), secrets)
            self.found.secret_outputs = secrets
        return Empty()

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest, context: Any
    ) -> resource_pb2.RegisterResourceResponse:
        urn = urn_of(request)
        if urn in self.found.resources:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"duplicate resource {urn}")
        wire = whole(MessageToDict(request.object))
        resource = Resource(urn, request.type, request.name, request, {})
        resource.inputs = plain(wire, (), resource.secrets)
        self.found.resources[urn] = resource
        answer = Struct()
        answer.update(self.outputs(request, wire))
        known = request.custom and not self.preview
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"id-of-{request.name}" if known else "", object=answer
        )

    def outputs(
        self, request: resource_pb2.RegisterResourceRequest, wire: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what the provider would: made secrets, and a name where none is given."""
        if request.type == "random:index/randomPassword:RandomPassword":
            made = UNKNOWN if self.preview else made_secret(request.name, wire["length"])
            return {**wire, "result": {SECRET[0]: SECRET[1], "value": made}}
        if request.type.startswith("kubernetes:"):
            metadata = {"name": auto_name(request.name), **wire.get("metadata", {})}
            return {**wire, "metadata": metadata}
        return wire


def made_secret(name: str, length: int) -> str:
    return (name.title().replace("-", "") + "0123456789" * 10)[: int(length)]


def auto_name(name: str) -> str:
    return f"{name}-0123abcd"


def urn_of(request: resource_pb2.RegisterResourceRequest) -> str:
    kind = request.type
    if request.parent and not request.parent.split("::")[2].endswith("pulumi:pulumi:Stack"):
        kind = f"{request.parent.split('::')[2]}${kind}"
    return f"urn:pulumi:{STACK}::{PROJECT}::{kind}::{request.name}"


def whole(value: Any) -> Any:
    """Return the value with whole numbers as such: on the wire all numbers are floats."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def plain(value: Any, path: Path, secrets: set[Path]) -> Any:
    """Return the value with its secrets unwrapped, and note where they were."""
    if isinstance(value, dict):
        if value.get(SECRET[0]) == SECRET[1]:
            secrets.add(path)
            return plain(value["value"], path, secrets)
        return {key: plain(each, (*path, key), secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each, (*path, n), secrets) for n, each in enumerate(value)]
    return whole(value)
