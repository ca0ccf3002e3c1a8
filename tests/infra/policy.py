"""What checkov finds in the deployment, and why each finding is left as it is.

Run as `python -m tests.infra.policy FOLDER` it writes every scenario's objects to a folder; with
`--checkov PROGRAM` it then lets checkov look at them, and fails unless it finds exactly what is
listed here. checkov has old requirements: it needs an environment of its own.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import click

from tests.infra.scenarios import SCENARIOS, deployed

type Finding = tuple[str, str]  # which check, on which object

EXACT = (
    "an exact tag or a digest is the same image whenever it is pulled; a loaded one has no source"
)
NO_DIGEST = (
    "the digest could not be looked up here; it is named by config, and the release records it"
)
THEIR_USER = "the uid of the image's own user, who owns the files in it"
OF_NODE = "the kubelet's files are root's; it has no capability, and reads two folders of its node"
FILEBEAT = "DaemonSet.filebeat"
THEIR_PODS = ("Deployment.nginx", "StatefulSet.postgres", "Job.give", "Job.shut", FILEBEAT)
THEIR_PODS += ("StatefulSet.elasticsearch", "Deployment.grafana", "StatefulSet.prometheus")
REASONS = {"CKV_K8S_15": EXACT, "CKV_K8S_43": NO_DIGEST, "CKV_K8S_40": THEIR_USER}
KEPT: dict[Finding, str] = {
    (check, where): reason for check, reason in REASONS.items() for where in THEIR_PODS
} | dict.fromkeys((("CKV_K8S_23", FILEBEAT), ("CKV_K8S_40", FILEBEAT)), OF_NODE)
del KEPT["CKV_K8S_40", "StatefulSet.prometheus"]  # which is nobody, by a high uid
KEPT |= {(check, "Deployment.valkey"): REASONS[check] for check in ("CKV_K8S_15", "CKV_K8S_43")}
NOT_CHECKED = {"dev"}  # whose image has no digest because it is made there and then
FEWEST_PASSED = 3000  # fewer, and checkov did not look at what it was given


def write(folder: Path) -> None:
    """Write a file for each scenario, as `kubectl apply -f` would take it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCENARIOS:
        content = {"apiVersion": "v1", "kind": "List", "items": deployed(name)}
        (folder / f"{name}.json").write_text(json.dumps(content, indent=1))


def judge(checkov: Path, folder: Path) -> dict[str, Any]:
    """Return checkov's report on a folder; it is not to ask the network for anything."""
    skipped = [f"--skip-path={name}.json" for name in NOT_CHECKED]
    command = [
        *(str(checkov), "--directory", str(folder), "--framework", "kubernetes"),
        *("--skip-download", "--compact", "--quiet", "--output", "json", *skipped),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        raise click.ClickException(f"checkov said no JSON: {done.stderr[-500:]}") from None


def finding(failed: dict[str, Any]) -> Finding:
    kind, _, name = failed["resource"].split(".")  # in between is the namespace
    return failed["check_id"], f"{kind}.{name.partition('-')[0]}"


def faults(report: dict[str, Any]) -> list[str]:
    """Return a sentence for each finding that is not listed, and each listed that is none."""
    summary = report["summary"]
    found = {finding(failed): failed for failed in report["results"]["failed_checks"]}
    wrong = [
        f"{check} on {where}: {failed['check_name']} ({failed['file_path']})"
        for (check, where), failed in found.items()
        if (check, where) not in KEPT
    ]
    wrong += [f"{check} on {where} is found no more" for check, where in set(KEPT) - set(found)]
    if summary["parsing_errors"] or summary["passed"] < FEWEST_PASSED:
        wrong.append(f"checkov did not look at everything: {summary}")
    return sorted(wrong)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--checkov", type=click.Path(path_type=Path), help="Its program.")
def main(folder: Path, checkov: Path | None) -> None:
    """Write the objects of every scenario to FOLDER, and let checkov judge them."""
    write(folder)
    if checkov is None:
        return
    report = judge(checkov, folder)
    wrong = faults(report)
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        raise SystemExit(1)
    passed = report["summary"]["passed"]
    click.echo(f"{passed} checks passed; {len(KEPT)} findings are kept, each with its reason.")


if __name__ == "__main__":
    main()
