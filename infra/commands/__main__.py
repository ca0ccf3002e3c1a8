"""The commands by name: `pdm run up` is `python -m infra.commands up`."""

import click

from infra.commands.down import down
from infra.commands.up import up


@click.group()
def main() -> None:
    """Bring the board up on Kubernetes, and take it down again."""


main.add_command(up)
main.add_command(down)

if __name__ == "__main__":
    main(prog_name="pdm run")
