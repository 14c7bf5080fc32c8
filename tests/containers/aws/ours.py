"""Our own training and serving in a container: jobs for AWS's source and the laptop's stand-in alike.

What a model says of a row follows from our code and changes with it; what is compared are the job's end, the files it
leaves, the metrics it prints, and how requests are answered. The record was made of one artifact that both served: that
their answers were the same bytes stands in it, too.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from local.containers.reply import Container
from local.containers.rerooting import rerooted
from tests.containers.aws.cases import CHANNEL, PROGRAM, RESOURCES
from tests.containers.aws.serving_cases import OFFLINE, PLACES, answers
from tests.ensemble import tables
from tests.train.channels import CHANNELS, SMALL, laid_out, plan

JOBS = Path(__file__).parents[3] / "jobs"
ROWS = 60
CASES = ("trial", "binary", "regression")
"""A trial of a tuning, and two ensembles."""
ENVIRONMENT = OFFLINE | PLACES | {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
_OF_ALL_TASKS = "size,noise,member,plan,city,begun,ended\n"
_ROW = "40.5,0.1,y,pro,Port Elm,2024-03-01,2024-03-20"
REQUESTS: list[tuple[bytes, str | None, str | None]] = [
    (_ROW.encode(), "text/csv", None),
    (f"{_OF_ALL_TASKS}{_ROW}\n,,,,Nowhere,,\n".encode(), "text/csv; charset=utf-8", "application/jsonlines"),
    (json.dumps([{"size": 1e12, "city": "Old Fox"}, {}]).encode(), "application/json", "application/json"),
    (b'{"size": "Ada"}', "application/json", "application/json"),
    (_ROW.encode() + b",more", "text/csv", "text/csv"),
    (b"\xff\xfe1,2", "text/csv", "text/csv"),
    (_ROW.encode(), "text/csv", "image/png"),
    (_ROW.encode(), "application/x-parquet", "text/csv"),
    (b"", "text/csv", "text/csv"),
]


def our_job(root: Path, name: str, *, here: bool = False) -> None:
    """A job as the relay asks for it; `here`: with its paths moved already, for a container that moves none."""
    of = tables.table("binary" if name == "trial" else name, rows=ROWS)
    asked = plan(of, mode="trial") if name == "trial" else plan(of)
    job = laid_out(root, of, asked)
    shutil.copytree(JOBS, job.channel("code") / "jobs", ignore=shutil.ignore_patterns("__pycache__"))
    hyperparameters: dict[str, Any] = PROGRAM | dict(SMALL) | {"seed": "7", "objective": "binary:logistic"}
    config = root / "input" / "config"
    config.mkdir()
    (root / "output" / "data").mkdir(parents=True)
    for file, content in (
        ("hyperparameters", rerooted(hyperparameters, root) if here else hyperparameters),
        ("inputdataconfig", dict.fromkeys((*CHANNELS, "code"), CHANNEL)),
        ("resourceconfig", RESOURCES),
    ):
        (config / f"{file}.json").write_text(json.dumps(content))


def ended(root: Path, code: int, printed: str) -> dict[str, Any]:
    """Exit code, the last line of figures by its metrics, and the files of the artifact but our modules."""
    lines = [line for line in printed.splitlines() if re.match(r"\[\d+\]\t", line)]
    names = [str(path.relative_to(root / "model")) for path in (root / "model").rglob("*") if path.is_file()]
    return {
        "code": code,
        "lines": len(lines),
        "metrics": re.findall(r"validation-(\w+):", lines[-1]) if lines else [],
        "files": [name for name in sorted(names) if not name.startswith("code/jobs/")],
        "failure": (root / "output" / "failure").exists(),
    }


def said(container: Container) -> list[dict[str, Any]]:
    """The stand-in's answers."""
    return answers(container, REQUESTS)


def kinds(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answers without their numbers and labels; of a refusal the whole sentence."""
    plain = [re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "#", one["body"]) for one in found]
    plain = [re.sub(r"(?<=\"label\": )\"\w+\"|^\w+(?=,#)", "#", body) for body in plain]
    return [one | {"body": body} for one, body in zip(found, plain, strict=True)]
