"""What README.md and CONTRIBUTING.md state is so."""

import re
import subprocess
from dataclasses import replace
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from infra import settings as deployment
from infra import sizes
from infra.monitoring.alerts import ALERTS
from infra.outputs import PROGRAM
from service import __version__, cli
from service.access import (
    actions,
    audit,
    begun,
    confirmation,
    options,
    places,
    roles,
    second_codes,
    sessions,
    throttle,
    tokens,
)
from service.access.roles import Action, Role
from service.base import config, metrics, passwords, providers
from service.base.setting import ConfigError, Setting
from service.base.values import SWITCH, Choice, Number, switch
from service.keep import formats
from service.links import links
from tests.infra.scenarios import deployed, rendered
from tests.scripts import SCRIPTS
from tests.servers import PROJECT

README = (PROJECT / "README.md").read_text()
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text()
CONFIGURATION = sorted((PROJECT / "nginx").glob("*.conf"))
NGINX = (PROJECT / "nginx" / "nginx.conf").read_text()
ON_KUBERNETES = (PROJECT / "infra" / "README.md").read_text()


def table(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, without its head."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def commands() -> dict[str, click.Command]:
    """Return every command of the program by its whole name."""
    found: dict[str, click.Command] = {}
    for name, command in cli.main.commands.items():
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": child for sub, child in command.commands.items()}
        if not isinstance(command, click.Group) or command.invoke_without_command:
            found[name] = command
    return found


def row_of(setting: Setting[Any]) -> list[str]:
    """Return a setting's row of the table: its name, default, range or choices, meaning."""
    written = options.written(setting.default)
    default = f"`{written}`" if written else "none"
    values = str(setting.kind) if isinstance(setting.kind, Number | Choice) else ""
    values = ", ".join(SWITCH) if setting.kind is switch else values
    return [f"`{setting.name}`", default, values, setting.help]


def allowed(role: Role, action: Action) -> str:
    """Return what the table of roles says of one: whether they may do it, and to whom."""
    whom = {"invite": roles.INVITES, "admit": roles.ADMITS}.get(action, {}).get(role)
    if whom is None or whom >= roles.PEOPLE:
        return "no" if not roles.may(role, action) else "anybody" if whom else "yes"
    words = ", ".join(f"{each}s" for each in roles.ROLES if each in whom)
    return f"{words}, if an option allows it" if role == "member" else words


def test_the_table_of_roles_says_what_each_may() -> None:
    expected = [[allowed(role, action) for role in roles.ROLES] for action in roles.MAY]
    assert [row[1:] for row in table(README, "Who may do what")] == expected
    assert f"| | {' | '.join(roles.ROLES)} |" in README


def test_the_table_of_scopes_has_each() -> None:
    assert [row[0] for row in table(README, "Programs")] == [f"`{each}`" for each in roles.SCOPES]


def test_the_table_of_settings_says_what_is_declared() -> None:
    assert table(README, "Settings") == [row_of(each) for each in config.SETTINGS]
    in_files = [f"`{each.name}_FILE`" for each in config.SETTINGS if each.secret]
    assert f"{', '.join(in_files[:-1])} and {in_files[-1]} name them." in README


def test_what_is_measured_has_the_names_that_are_declared_and_never_passes_nginx() -> None:
    for text in (README, ON_KUBERNETES):
        named = set(re.findall(r"`(board_[a-z_]+)", text))
        assert named - options.DECLARED.keys() <= metrics.DECLARED.keys()
    assert "metrics" not in "".join(file.read_text() for file in CONFIGURATION)


def test_the_table_of_a_providers_settings_says_what_is_declared() -> None:
    named = [replace(each, name=f"OIDC_<NAME>_{each.name}") for each in providers.SETTINGS]
    assert table(README, "Sign in through a provider") == [row_of(each) for each in named]


def test_the_table_of_what_is_told_of_people_has_every_event() -> None:
    told = (actions.ACTIONS | actions.LOGGED_ALONE).items()
    assert table(README, "What is told of people") == [[f"`{name}`", words] for name, words in told]


def test_the_table_of_options_says_what_is_declared() -> None:
    rows = []
    for name, each in options.DECLARED.items():
        default = options.written(getattr(options.DEFAULTS, name)) or "none"
        if name in config.DECLARED:
            default = config.DECLARED[name].name
        values = str(each.kind) if isinstance(each.kind, Number | Choice) else ""
        shown = default if default == "none" else f"`{default}`"
        rows.append([f"`{name}`", shown, values, f"{each.label}. {each.help}"])
    assert table(README, "Options") == rows


def test_the_table_of_ways_in_has_every_address_that_lets_somebody_in() -> None:
    """Nginx names where strangers can guess, and tests/nginx/test_guesses.py sees to that."""
    (named,) = re.findall(r'location ~ "\(\?x\) \^/api/\((.*?)\)\$"', NGINX, re.DOTALL)
    ways = {each.strip() for each in named.split("|")} - {"confirm", "passkey/confirm"}
    expected = {f"/{each}" for each in ways if not each.startswith("account/")} | {"/", "/oidc/…"}
    told = " ".join(cell for row in table(README, "Who gets in, and how") for cell in row)
    found = set(re.findall(r"`(/[a-z/]*…?)`", told))
    found = {each for each in found if not each.startswith(("/admin/", "/account/"))}
    assert found == expected - {"/login"}


def test_every_command_is_in_the_table_and_exists() -> None:
    rows = [row[0].strip("`") for row in table(README, "Commands")]
    assert {re.sub(r"^board |( [A-Z]+)+$", "", row) for row in rows} == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(cli.main, [*name.split(), "--help"])
    assert shown.exit_code == 0
    documentation = commands()[name].help
    assert documentation
    assert documentation.split(".")[0].split(":")[0].split("\n")[0][:60] in shown.output


def test_a_clone_needs_exactly_two_commands() -> None:
    start = README.split("\n## Try it, or change it\n")[1].split("\n## ", maxsplit=1)[0]
    lines = re.findall(r"^.*pdm run .*$", start, re.MULTILINE)
    assert lines == [
        ".bin/setup && .pdm/bin/pdm run dev",
        ".bin/setup && .pdm/bin/pdm run test",
    ]


def test_every_error_in_the_table_is_one_the_program_says() -> None:
    source = "".join(file.read_text() for file in (PROJECT / "service").rglob("*.py"))
    with pytest.raises(ConfigError) as nothing_set:
        config.read_settings({"DATA_DIR": "/nowhere"})
    quoted = [row[0].strip("`") for row in table(README, "When something is wrong")]
    words = [text for text in quoted if text[0].isupper()]
    assert words
    for text in words:
        start = text.removesuffix(" open already").replace("127.0.0.1:8000", "{host}")
        start = start.replace("board.sqlite3", "{file.name}")
        assert start in source.replace(":{port}", "") + str(nothing_set.value)


def test_every_script_that_is_named_exists() -> None:
    for text in (README, CONTRIBUTING, ON_KUBERNETES):
        assert set(re.findall(r"pdm run ([a-z-]+)", text)) <= set(SCRIPTS)


def test_the_picture_shows_what_is_deployed() -> None:
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)
    drawn = set(re.findall(r"\b([A-Z]\w+) ([a-z-]+)\b", picture))
    found = {(each["kind"], each["metadata"]["name"]) for each in deployed("defaults")}
    there = {(kind, name.removesuffix("-0123abcd")) for kind, name in found}
    working = {each for each in there if each[0] in {"Deployment", "StatefulSet", "Job", "CronJob"}}
    assert working <= drawn - {("Ingress", "or")}
    assert {each for each in drawn if each[0] in {kind for kind, _ in there}} <= there
    for each in deployed("defaults"):
        if each["kind"] == "Deployment":
            assert f"{each['metadata']['name']} ×{each['spec']['replicas']}" in picture
    assert "namespace htmx-fastapi" in picture
    assert ":30080" in picture


def test_every_setting_of_the_deployment_that_is_named_exists() -> None:
    known = set(yaml.safe_load((PROJECT / "infra" / "Pulumi.yaml").read_text())["config"])
    named = set(re.findall(r"`([a-z]+[A-Z]\w*)`", ON_KUBERNETES))
    assert "databaseConnections" in named
    assert named <= known
    assert set(re.findall(r"config set (?:--secret )?(\w+)", ON_KUBERNETES)) <= known


def test_the_connections_that_an_external_database_must_allow_are_told() -> None:
    pods, spare = f"(replicas + {sizes.SURGE})", deployment.SPARE_CONNECTIONS
    assert f"`{pods} × workers × (databasePool + 1) + {spare}`" in ON_KUBERNETES


def test_what_kubectl_is_asked_for_on_the_page_is_there() -> None:
    asked = set(re.findall(r"(?:exec (?:-\w+ )?|--from=)(deploy|cronjob)/([a-z-]+)", ON_KUBERNETES))
    kinds = {"deploy": "Deployment", "cronjob": "CronJob"}
    there = {(each["kind"], each["metadata"]["name"]) for each in deployed("monitored")}
    assert asked == {("deploy", "web"), ("deploy", "grafana"), ("cronjob", "get-backups")}
    assert {(kinds[kind], name) for kind, name in asked} <= there
    for line in re.findall(rf"-- {PROGRAM} ([\w-]+)", ON_KUBERNETES):
        assert line in cli.main.commands
    for command in ("open", "password"):
        assert rendered("monitored").outputs["grafana"][command] in ON_KUBERNETES


def test_the_runbook_has_a_line_for_each_alert() -> None:
    assert table(ON_KUBERNETES, "Alerts") == [
        [f"`{each.name}`", each.severity, f"{each.summary}, for {each.after}", each.todo]
        for each in ALERTS
    ]


def test_every_picture_is_there() -> None:
    names = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert "static/src/screenshot.png" in names
    for name in names:
        assert (PROJECT / name).stat().st_size > 0


def test_contributing_names_the_scripts_there_are() -> None:
    scripts = {row[0].strip("`").removeprefix("pdm run ") for row in _scripts_table()}
    assert scripts == set(SCRIPTS) - {"serve", "npm-install"}


def test_the_limits_of_nginx_are_those_that_are_told() -> None:
    at_once, below_api = re.findall(r"limit_req zone=(?:pages|api) burst=(\d+) nodelay;", NGINX)
    rates = dict(re.findall(r"zone=(\w+):\S+ rate=(\d+)r/s;", NGINX))
    (under_way,) = re.findall(r"limit_conn open (\d+);", NGINX)
    assert int(below_api) + 1 == int(rates["api"])
    assert (
        f"One address gets {rates['pages']} pages a second ({int(at_once) + 1} at once), "
        f"{rates['api']} requests a second below `/api/`, and {under_way} requests under way"
    ) in " ".join(README.split())


def test_security_states_what_is_so() -> None:
    text = " ".join((PROJECT / "SECURITY.md").read_text().split())
    memory = tokens.MEMORY // 1024
    for fact in (
        f"argon2id hashes ({memory} MiB, {tokens.PASSES} passes)",
        f"{passwords.MIN_LENGTH} to {passwords.MAX_LENGTH} characters",
        f"proves for {tokens.LIFETIME.seconds // 60} minutes",
        f"{sessions.LIFETIME.days} days at most",
        f"| {places.LIFETIME.days} days after the last time, the newest {places.MOST_NETWORKS} |",
        f"| {places.LIFETIME.days} days; worth nothing after a new password |",
        f"{passwords.MIN_GUESSES:,} guesses",
        f"may have {begun.MOST_OPEN} open sessions",
        f"again after {confirmation.LASTS.seconds // 60} minutes",
        f"| {audit.KEPT.days} days; the names of the deleted",
        f"| {links.KEPT.days} days after their end |",
        "{} times a minute; the networks around it {} and {} times".format(*throttle.PER_NETWORK),
        f"{throttle.PER_PLACE} times a minute, {throttle.PER_PLACE_AND_HOUR} times an hour",
        f"{throttle.PATIENCE} times an hour",
        f"{throttle.LONGEST_WAIT} at most",
        f"| {second_codes.IN_A_ROW} times in a row |",
    ):
        assert fact in text, fact
    assert (throttle.PER_NETWORK[0], throttle.PER_NETWORK[2]) == throttle.PER_NETWORK_IPV4
    in_no_backup = {"sessions", "known_networks", "failures", "spent", "links", "api_tokens"}
    assert in_no_backup <= set(formats.LEFT_OUT)
    assert text.count("in no backup") == len(in_no_backup)


def _scripts_table() -> list[list[str]]:
    head = CONTRIBUTING.split("\n## ")[0]
    rows = [line for line in head.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_changelog_starts_with_this_version_and_its_date() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    assert re.search(
        rf"\A# Changelog\n\n## {re.escape(__version__)} - \d{{4}}-\d\d-\d\d\n", changelog
    )


def test_the_top_level_is_as_decided() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    top = {line.split("/")[0] for line in tracked.splitlines()}
    decided = {"service", "infra", "templates", "static", "tests", "nginx"}
    files = {"pyproject.toml", "pdm.lock", "Dockerfile", "README.md", "CHANGELOG.md"}
    files |= {"CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} <= decided | files
