"""The packaged template, made once: by the real packager, from this working copy, without the wheels (which take the
time and are looked at by tests/repository/test_package.py)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.deployment.package import ROOT, build
from tests.infra.expanding import expanded
from tests.infra.resolving import Place, Resolver

Template = dict[str, Any]
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"
EVERYTHING = {
    "KmsKeyArn": KEY,
    "SubnetIds": "subnet-0a1b,subnet-0c2d",
    "SecurityGroupIds": "sg-0e3f",
    "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
}
"""Every parameter that may be left out, given."""
PLACES = (
    Place(),
    Place("us-east-1", stack="sagerelay-abcdefghijkl"),
    Place("us-gov-west-1", "aws-us-gov"),
    Place("cn-north-1", "aws-cn"),
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """sam.json as `make deploy` makes it."""
    root = tmp_path_factory.mktemp("repository")
    for name in ("chalicelib", "infra"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    Path(root, ".chalice").mkdir()
    for name in ("app.py", ".chalice/config.json"):
        shutil.copy(ROOT / name, root / name)
    Path(root, "requirements.txt").write_text("")
    made: Template = json.loads(build(tmp_path_factory.mktemp("package"), root=root).read_text())
    return made


@pytest.fixture(scope="session")
def transformed(template: Template) -> Template:
    """What CloudFormation makes of it: the SAM transform's own code, expanded."""
    return expanded(template)


@pytest.fixture(scope="session")
def resolved(transformed: Template) -> Callable[..., Template]:
    """The resources of the expanded template in a place, with the parameters given."""

    def resources(place: Place | None = None, **parameters: str) -> Template:
        return Resolver(transformed, place or Place(), parameters).resources()

    return resources


def of_type(resources: Template, kind: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}
