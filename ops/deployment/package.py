"""The template and the zip: `infra/*.yaml` merged into what Chalice makes of `app.py`, for the Python and the
architecture that Lambda will run.

It must not depend on where it runs: the same repository gives the same files to the byte on a laptop of any kind, so
that deploying twice changes nothing. Chalice therefore sees a copy of what belongs to Lambda and nothing else, and the
zip is written again without times. Nothing here asks AWS.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.deployment import chalice_package
from ops.target import OpsError

ROOT = Path(__file__).resolve().parents[2]
PYTHON, ARCHITECTURE = "3.13", "arm64"
TEMPLATE, ZIP = "sam.json", "deployment.zip"
_SHIPPED = ("app.py", "chalicelib", "requirements.txt", ".chalice/config.json")
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, for a zip


def build(out: Path, *, python: str = PYTHON, architecture: str = ARCHITECTURE, root: Path = ROOT) -> Path:
    """Write the template and the zip (`sam.json` and `deployment.zip`) into a folder; gives the template's path.

    `python` is Lambda's ("3.13"), `architecture` "arm64" or "x86_64"; neither need be this machine's.

    Raises:
        OpsError: Chalice or pip refuse; the text has their words.
    """
    if architecture not in chalice_package.MACHINES:
        raise OpsError(f"Lambda has no architecture {architecture}; it has {' and '.join(chalice_package.MACHINES)}.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project, merge = Path(folder, "project"), Path(folder, "merge.json")
        merge.write_text(json.dumps(compose(root / "infra")), encoding="utf-8")
        _copy(root, project)
        _run_chalice(project, python, architecture, ["--merge-template", str(merge), str(out.resolve())])
    _make_repeatable(out / ZIP)
    return out / TEMPLATE


def compose(infra: Path) -> dict[str, Any]:
    """The files of `infra/` as one template to be merged into Chalice's.

    Raises:
        OpsError: two files say the same thing differently.
    """
    from chalice.package import YAMLTemplateSerializer  # reads CloudFormation's short tags; needed only here

    whole: dict[str, Any] = {}
    for file in sorted(infra.glob("*.yaml")):
        part = YAMLTemplateSerializer().load_template(file.read_text(encoding="utf-8"), str(file))
        whole = _merged(whole, part, file.name)
    for resource in whole.get("Resources", {}).values():
        if resource.get("Type") == "AWS::CloudWatch::Dashboard":
            text, words = resource["Properties"]["DashboardBody"]["Fn::Sub"]
            resource["Properties"]["DashboardBody"] = {"Fn::Sub": [compact(text), words]}
    # Anchors are there for the files' sake; CloudFormation would refuse the section.
    return {name: section for name, section in whole.items() if not name.startswith("x-")}


def compact(text: str) -> str:
    """A dashboard's JSON without the lines and indentation that its file has: a template within a request is short."""
    return re.sub(r"\n *", "", text)


def _merged(whole: Mapping[str, Any], part: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(whole)
    for name, value in part.items():
        if name not in merged:
            merged[name] = value
        elif isinstance(value, dict) and isinstance(merged[name], dict):
            merged[name] = _merged(merged[name], value, f"{where}: {name}")
        else:
            raise OpsError(f"infra/{where}: {name} was said before, in another file.")
    return merged


def _copy(root: Path, project: Path) -> None:
    for name in _SHIPPED:
        source, target = root / name, project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    # What all functions are told alike stands once in infra/functions.yaml; Chalice would say it for each of them.
    config = project / ".chalice" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({name: value for name, value in settings.items() if name != "environment_variables"}))


def _run_chalice(project: Path, python: str, architecture: str, arguments: list[str]) -> None:
    program = [sys.executable, "-m", chalice_package.__name__, python, architecture]
    # Patterns are evaluated when `app` is imported: nothing of this shell's deployment may get into them.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAGERELAY_"))}
    done = subprocess.run(
        [*program, "--pkg-format", "cloudformation", *arguments],
        cwd=project,
        env=kept
        | chalice_package.environment(python, architecture)
        | {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_DEFAULT_REGION": "us-east-1",  # Chalice wants one and asks nothing of it
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise OpsError(
            f"`chalice package` failed for Python {python} on {architecture}: {said}\n"
            "If that is about a package of requirements.txt, it has no wheel for that Python and architecture; try: "
            f"pip download --only-binary=:all: --python-version {python} "
            f"--platform manylinux2014_{chalice_package.MACHINES[architecture]} -r requirements.txt"
        )


def _make_repeatable(archive: Path) -> None:
    """Write a zip again, sorted and without times: the same content is the same bytes."""
    fresh = archive.with_suffix(".fresh")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            if not name.endswith("/"):
                entry = zipfile.ZipInfo(name, _BEGINNING)
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(entry, old.read(name))
    fresh.replace(archive)
