"""init, service-unit: what a machine needs once before it serves the board."""

import os
import sys
from pathlib import Path
from string import Template

import click

from service.base import kept
from service.base.program import PROGRAM
from service.commands import console
from service.commands.console import WRONG_SETTINGS, plain_errors

NAME = "htmx-fastapi-service"
SPECIAL = '"\\%$\n'  # what a path in a unit would have to be escaped for
# Without the unit's own settings a command would look after another board.
AS_THE_SERVICE = (
    f"systemd-run --quiet --wait --pty -p User={NAME} -p EnvironmentFile=-/etc/{NAME}.conf "
    f"-p Environment=DATA_DIR=/var/lib/{NAME}"
)
UNIT = Template("""\
# Made by `$program service-unit`.
#
#   useradd --system --home-dir /var/lib/$name --shell /usr/sbin/nologin $name
#   $program service-unit > /etc/systemd/system/$name.service
#   systemctl daemon-reload && systemctl enable --now $name
#   $as_the_service "$executable" setup-code
#
# The last command prints the code that the first admin is made with, in the browser; so does
# `journalctl -u $name`. It suits backup and doctor too; in scripts write --pipe for --pty.
[Unit]
Description=HTMX-FastAPI Service, a live message board
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
User=$name
Environment=DATA_DIR=%S/$name LOG_FORMAT=json
# What a password's hash needs, 19 MiB, goes back at once.
Environment=MALLOC_MMAP_THRESHOLD_=131072
# HOST, PORT from 1024 on, TRUSTED_PROXIES and the other settings, a line each; it need not be
# there. Another DATA_DIR must be named in ReadWritePaths= too.
EnvironmentFile=-/etc/$name.conf
StateDirectory=$name
StateDirectoryMode=0700
UMask=0077
# Makes the secret key the first time and keeps it.
ExecStartPre="$executable" init
ExecStart="$executable" serve
Restart=on-failure
RestartPreventExitStatus=$wrong_settings
RestartSec=2
TimeoutStopSec=15
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
PrivateUsers=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
""")


@click.command()
@plain_errors
def init() -> None:
    """Make the data folder and the secret key, once; what is there is left as it is."""
    file = kept.key_file(os.environ).absolute()
    if file.exists():
        click.echo(f"{file} is there already; it was left as it is.")
        return
    console.make_secret(file)
    click.echo(
        f"Made a secret key in {file}. Keep it: a new one signs everybody out.\n"
        f"Next: `{PROGRAM} serve`. Its log says where to make the first admin, and with which code."
    )


@click.command("service-unit")
@plain_errors
def service_unit() -> None:
    """Print a hardened systemd unit that runs this program; its first lines say how to use it."""
    executable = str(_executable())
    if not set(executable).isdisjoint(SPECIAL):
        raise click.ClickException(f"{executable} can't be written in a unit: move the program.")
    words = {
        "name": NAME,
        "program": PROGRAM,
        "as_the_service": AS_THE_SERVICE,
        "wrong_settings": str(WRONG_SETTINGS),
    }
    click.echo(UNIT.substitute(words, executable=executable), nl=False)


def _executable() -> Path:
    """Return the file that people start: the one that unpacked this program, or a script."""
    if one_file := os.environ.get("ONE_FILE"):
        return Path(one_file).absolute()
    script = Path(sys.argv[0]).absolute()
    return script if os.access(script, os.X_OK) else Path(sys.executable).with_name(PROGRAM)
