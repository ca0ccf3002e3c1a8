"""What the workflows publish, and how: after all has passed, scanned, attested."""

import re

from tests.workflows import GITHUB, read, steps


def test_nothing_is_published_before_all_has_passed() -> None:
    release = read(GITHUB / "workflows" / "release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    named = release["jobs"]
    assert set(named["publish"]["needs"]) == set(named) - {"publish"}
    assert all("version" in named[name]["needs"] for name in set(named) - {"version"})
    assert not any("always()" in str(job) for job in named.values())
    assert "continue-on-error" not in str(release)
    pushing = [name for name, job in named.items() if "imagetools create" in str(job)]
    assert pushing == ["publish"]


def test_an_image_is_never_called_latest() -> None:
    text = (GITHUB / "workflows" / "release.yml").read_text()
    assert set(re.findall(r'--tag "[^"]*:([^":]+)"', text)) == {"$VERSION"}
    assert "latest" not in text


def test_what_is_released_is_scanned_and_attested() -> None:
    fails = [step["with"] for step in steps("scan") if "exit-code" in step.get("with", {})]
    (strict,) = fails
    assert strict["severity"] == "HIGH,CRITICAL"
    assert (strict["ignore-unfixed"], strict["exit-code"]) == ("true", "1")
    (whole,) = [step["with"] for step in steps("scan") if step.get("with", {}).get("output")]
    (upload,) = [step["with"] for step in steps("scan") if "upload-sarif" in step.get("uses", "")]
    assert (whole["format"], whole["output"]) == ("sarif", upload["sarif_file"])
    given = [step["with"] for step in steps("release") if "actions/attest" in step.get("uses", "")]
    assert [next(iter(attested.values())) for attested in given] == [
        "release/SHA256SUMS",
        "release/htmx-fastapi-service-linux-amd64",
        "release/htmx-fastapi-service-linux-arm64",
        "${{ needs.version.outputs.image }}",
    ]
    assert [attested.get("sbom-path", "")[-8:] for attested in given[1:3]] == ["cdx.json"] * 2
