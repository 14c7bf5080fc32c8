"""What each algorithm is worth on three small sets, through the whole relay of the laptop.

`python -m benchmarks.algorithms` prints the table of docs/algorithms.md. Each set goes through the relay twice: with
the list of those that can stand in one, and with linear-learner; the split is by the rows' places in their file, so
that all are measured on the same held-out rows. Few trials and one split: what differs by less than the intervals is
chance. The laptop's linear-learner is a stand-in that is like it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local.cloud import EmbeddedCloud
from local.events.delivery import Pace

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TRIALS = 2
ROWS = 1_500
"""Of a set, at most."""
SETS = {"wine": "target: cultivar", "diabetes": "target: progression", "employment": "target: employed"}
RUNS = {"several": "[auto, xgboost]", "linear": "linear-learner"}
TIMEOUT = 1_500.0
"""Seconds that a relay may take beside the others."""


def measure() -> dict[str, Any]:
    """Losses on held-out rows, by set and algorithm, with their 95 % intervals."""
    with EmbeddedCloud(pace=Pace(deployment_speed=2000)) as cloud:
        for name, target in SETS.items():
            for kind, algorithm in RUNS.items():
                _upload(cloud, f"{name}-{kind}", name, f"{target}\nalgorithm: {algorithm}\n")
        return {name: _losses(cloud, name) for name in SETS}


def _upload(cloud: EmbeddedCloud, dataset: str, example: str, settings: str) -> None:
    tuning = f"tuning: {{trials: {TRIALS}, parallel: 2}}\n"
    lines = (EXAMPLES / example / f"{example}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    for key, body in {"relay.yaml": settings + tuning, "train/all.csv": "".join(lines[: ROWS + 1])}.items():
        cloud.client("s3").put_object(Bucket=cloud.bucket, Key=f"datasets/{dataset}/{key}", Body=body.encode())


def _losses(cloud: EmbeddedCloud, name: str) -> dict[str, Any]:
    several, linear = (_run(cloud, f"{name}-{kind}") for kind in RUNS)
    compared = _document(cloud, f"runs/{several}/comparison/comparison.json")
    alone = _document(cloud, f"runs/{linear}/evaluation/evaluation.json")["sagerelay"]
    loss = compared["loss"]
    found = {one["name"]: one["metrics"].get(loss) for one in compared["entries"]}
    return {
        "loss": loss,
        "rows": compared["rows"],
        **{
            algorithm: {"value": score["value"], "low": score["low"], "high": score["high"]}
            for algorithm, score in {**found, "linear-learner": alone["metrics"][loss]}.items()
            if score
        },
    }


def _run(cloud: EmbeddedCloud, dataset: str) -> str:
    """The dataset's run, when it has come to its verdict."""
    mail = cloud.mailbox.wait_for(lambda one: one.attributes.get("dataset") == dataset, TIMEOUT)
    assert mail.attributes["kind"] in {"promoted", "rejected"}, mail.body
    return mail.attributes["run"]


def _document(cloud: EmbeddedCloud, key: str) -> Any:
    return json.loads(cloud.client("s3").get_object(Bucket=cloud.bucket, Key=key)["Body"].read())


def _cell(score: dict[str, float] | None) -> str:
    if score is None:
        return "-"
    return f"{score['value']:.4g} ({score['low']:.4g} to {score['high']:.4g})"


def table(found: dict[str, Any]) -> str:
    """For docs/algorithms.md."""
    names = ["auto", "xgboost", "linear-learner"]
    lines = [f"| Set | Loss | {' | '.join(f'`{name}`' for name in names)} |", f"|---|---|{'---|' * len(names)}"]
    for name, one in found.items():
        cells = " | ".join(_cell(one.get(algorithm)) for algorithm in names)
        lines.append(f"| {name}, {one['rows']:,} held-out rows | {one['loss']} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure()))
