"""Writes what watches the board, for a Prometheus and a Grafana of one's own.

`python -m infra.monitoring FOLDER`.
"""

from pathlib import Path

import click

from infra.monitoring.dashboards import dashboard
from infra.monitoring.rules import rule_file

EXAMPLES = Path(__file__).parent / "examples"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Write alert rules, a dashboard, and examples of what Prometheus and Alertmanager want.

    Rules and dashboard are written anew each time. An example that is there stays as it is: it
    may be in use.
    """
    made = {"board-rules.yml": rule_file(), "board-dashboard.json": dashboard()}
    examples = {each.name: each.read_text() for each in sorted(EXAMPLES.iterdir())}
    made |= {name: text for name, text in examples.items() if not (folder / name).exists()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (folder / name).write_text(text)
            click.echo(f"Wrote {folder / name}")
    except OSError as error:
        raise click.ClickException(f"Can't write into {folder}: {error.strerror}.") from error


if __name__ == "__main__":
    main(prog_name="python -m infra.monitoring")
