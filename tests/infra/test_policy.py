"""The list of what checkov may find is compared with what it finds, in both directions."""

from typing import Any

import pytest

from tests.infra import policy


def failed(check: str, resource: str) -> dict[str, Any]:
    return {
        "check_id": check,
        "check_name": "what it looks at",
        "resource": resource,
        "file_path": "/defaults.json",
    }


def report(*more: dict[str, Any], without: int = 0, **summary: int) -> dict[str, Any]:
    kept = [failed(c, f"{w.replace('.', '.htmx-fastapi.')}-0123abcd") for c, w in policy.KEPT]
    return {
        "summary": {"passed": 4000, "parsing_errors": 0, **summary},
        "results": {"failed_checks": [*kept[without:], *more]},
    }


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (report(), []),
        (
            report(failed("CKV_K8S_16", "Deployment.htmx-fastapi.web")),
            ["CKV_K8S_16 on Deployment.web: what it looks at (/defaults.json)"],
        ),
        (report(without=1), ["CKV_K8S_15 on Deployment.nginx is found no more"]),
        (report(passed=10), ["checkov did not look at everything:"]),
        (report(parsing_errors=1), ["checkov did not look at everything:"]),
    ],
)
def test_exactly_the_listed_findings_pass(given: dict[str, Any], wrong: list[str]):
    found = policy.faults(given)
    assert len(found) == len(wrong)
    assert all(sentence.startswith(start) for sentence, start in zip(found, wrong, strict=True))
