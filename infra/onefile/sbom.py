"""The software bill of materials of what the built program holds: CycloneDX 1.6, as JSON."""

import datetime as dt
import hashlib
import json
import platform
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra.onefile import distributions
from infra.onefile.distributions import PROGRAM
from service import __version__

ROOT = Path(__file__).parent.parent.parent
NPM_LOCK = ROOT / "static" / "src" / "package-lock.json"
LICENSE_CLASS = "License :: OSI Approved :: "
VENDORED = ("htmx.org",)  # what static/js/vendor/ holds


def describe(folder: Path, commit: str, moment: int) -> str:
    """Return the bill of the program in `folder`, which is the same for the same commit."""
    program = Component(
        name=PROGRAM,
        version=f"{__version__}+{commit}",
        bom_ref=PROGRAM,
        type=ComponentType.APPLICATION,
        licenses=_licenses(metadata.distribution(PROGRAM)),
    )
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{PROGRAM} {commit} {platform.machine()}"),
        metadata=BomMetaData(
            timestamp=dt.datetime.fromtimestamp(moment, dt.UTC), component=program
        ),
        components=[_python(), *_distributions(), *_scripts(), *_native(folder)],
    )
    bom.register_dependency(program, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _python() -> Component:
    version = platform.python_version()
    purl = PackageURL("generic", "python", "python", version)
    return Component(
        name="python",
        version=version,
        purl=purl,
        bom_ref=str(purl),
        licenses=[LicenseFactory().make_from_string("Python-2.0")],
    )


def _distributions() -> Iterator[Component]:
    for name, distribution in distributions.needed().items():
        purl = PackageURL("pypi", None, name, distribution.version)
        yield Component(
            name=name,
            version=distribution.version,
            purl=purl,
            bom_ref=str(purl),
            licenses=_licenses(distribution),
        )


def _scripts() -> Iterator[Component]:
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    for name in VENDORED:
        package = packages[f"node_modules/{name}"]
        purl = PackageURL("npm", None, name, package["version"])
        yield Component(
            name=name,
            version=package["version"],
            purl=purl,
            bom_ref=str(purl),
            licenses=[LicenseFactory().make_from_string(package["license"])],
        )


def _native(folder: Path) -> Iterator[Component]:
    """The compiled libraries inside, each with its hash."""
    for file in sorted(folder.rglob("*.so*")):
        if file.is_symlink():
            continue
        name = file.relative_to(folder).as_posix()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Component(
            name=name,
            type=ComponentType.FILE,
            bom_ref=name,
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )


def _licenses(distribution: metadata.Distribution) -> list[License]:
    """Return what a distribution says of its licence: as an expression, in words, or as a class."""
    told = distribution.metadata
    classes = [line for line in told.get_all("Classifier", []) if line.startswith(LICENSE_CLASS)]
    texts = [told.get("License-Expression"), told.get("License"), *classes]
    text = next((text for text in texts if text and "\n" not in text), None)  # not a whole licence
    return [LicenseFactory().make_from_string(text.removeprefix(LICENSE_CLASS))] if text else []
