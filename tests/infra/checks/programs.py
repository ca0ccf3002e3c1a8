"""What a pod runs: a command there is, with settings and files that it reads, and an end."""

from collections.abc import Iterator
from typing import Any

import click

from service import cli
from service.base import config, providers, traces
from service.base.setting import ConfigError
from tests.infra.objects import Object, Pod, environment, files, pods, port_names, title

# What the board reads and does not declare.
OTHERS = {"TMPDIR", "SSL_CERT_DIR", *traces.ENDPOINTS}
POSTGRES_READS = {"POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"}  # its image's entry point
OTHER_PROGRAMS = {"nginx", "postgres", "login", "filebeat", "elasticsearch"}
OTHER_PROGRAMS |= {"prometheus", "grafana", "valkey"}
TASKS = {"migrate", "backup", "get-backups", "login"}


def board(objects: list[Object]) -> Iterator[str]:
    """Every pod of the board runs a command there is, with settings that the board reads."""
    known = {each.name for each in config.SETTINGS}
    secret = {each.name for each in config.SETTINGS if each.secret}
    for each in pods(objects):
        if each.name in OTHER_PROGRAMS:
            continue
        container = each.spec["containers"][0]
        if not is_command(container["args"]) or "command" in container:
            yield f"{title(each.owner)} runs {container['args']}"
        environ = environment(container, objects)
        there = files(each, container, objects)
        for name, value in environ.items():
            setting = name.removesuffix("_FILE")
            if setting not in {*known, *OTHERS} and not providers.SET.fullmatch(setting):
                yield f"{title(each.owner)} sets {name}, which the board does not read"
            if name.endswith("_FILE") and value not in there:
                yield f"{title(each.owner)} names {value}, which is not mounted"
            if name in secret or name.endswith("_CLIENT_SECRET"):
                yield f"{title(each.owner)} has a secret in its environment"
        if each.name == "web":
            yield from _web(each, environ)


def is_command(words: list[str]) -> bool:
    """Whether the board has this command and takes these arguments."""
    command = cli.main.commands.get(words[0])
    try:
        return command is not None and bool(command.make_context(words[0], words[1:]))
    except click.UsageError:
        return False


def _web(each: Pod, environ: dict[str, Any]) -> Iterator[str]:
    readable = {**environ, "SECRET_KEY": "k" * 64, "DATABASE_URL": "postgresql://board@db/board"}
    for name in ("SECRET_KEY_FILE", "DATABASE_URL_FILE"):
        if readable.pop(name, None) is None:
            yield f"{title(each.owner)} has no {name}"
    readable = {name: value for name, value in readable.items() if not name.endswith("_FILE")}
    try:
        settings = config.read_settings(readable)
    except ConfigError as failure:
        yield from failure.faults
        return
    if settings.port != port_names(each)["http"] or settings.host != "0.0.0.0":
        yield f"{title(each.owner)} listens elsewhere than its port"
    if settings.log_format not in {"json", "ecs"}:
        yield f"{title(each.owner)} writes logs for people"


def postgres(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        if each.name != "postgres":
            continue
        container = each.spec["containers"][0]
        environ = environment(container, objects)
        if set(environ) != POSTGRES_READS:
            yield f"PostgreSQL's environment is {sorted(environ)}"
        if environ.get("POSTGRES_PASSWORD_FILE") not in files(each, container, objects):
            yield "PostgreSQL's password is not mounted"
        # The official image from 18 on refuses any other place.
        data = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
        if data.get("/var/lib/postgresql") != "data":
            yield "PostgreSQL's data is not on its volume"


def tasks(objects: list[Object]) -> Iterator[str]:
    for each in pods(objects):
        if each.name not in TASKS:
            continue
        spec = each.owner["spec"]
        job = spec["jobTemplate"]["spec"] if each.owner["kind"] == "CronJob" else spec
        if not 60 <= job["activeDeadlineSeconds"] <= 7200:
            yield f"{title(each.owner)} goes on for ever, or gives up at once"
        yield from _retries(each, job)
        if each.spec["restartPolicy"] == "Always":
            yield f"{title(each.owner)} can't end"
        if "schedule" in spec and len(spec["schedule"].split()) != 5:
            yield f"{title(each.owner)} is due {spec['schedule']!r}"


def _retries(each: Pod, job: Object) -> Iterator[str]:
    """Who waits for a migration is told at once why it failed; the others may try again."""
    if each.name != "migrate":
        if not 1 <= job["backoffLimit"] <= 6:
            yield f"{title(each.owner)} is not tried again"
        return
    ignored = [r["onPodConditions"] for r in job["podFailurePolicy"]["rules"]]
    if job["backoffLimit"] or ignored != [[{"type": "DisruptionTarget", "status": "True"}]]:
        yield f"{title(each.owner)} is tried again, or not after its node has gone"
