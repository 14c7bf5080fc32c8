"""What the jobs of these relays do: the canned work, with all that later requests name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.permissions.relays import Work
from tests.scale.canned import Ended, Serving


class Jobs(Work):
    """Checks leave results, too; and a training of those in `stumbling` fails once for a reason of SageMaker's own."""

    def __init__(self) -> None:
        super().__init__()
        self.stumbling: set[str] = set()

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Ended | Serving:
        if (name := environment.get("TRAINING_JOB_NAME", "").partition("-")[0]) in self.stumbling:
            self.stumbling.discard(name)
            (directory / "output" / "failure").write_text("InternalServerError: We encountered an internal error.")
            return Ended(1)
        if argv[0] == "jobs.drift.several":
            return self._check_several(dict(zip(argv[1::2], argv[2::2], strict=True)), log)
        ended = super().run(argv, environment=environment, directory=directory, log=log)
        if "--output" in argv:
            self._leave(argv[0], Path(argv[argv.index("--output") + 1]))
        return ended

    def _check_several(self, arguments: dict[str, str], log: Path) -> Ended:
        """Each check's result, below the one output."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("nothing to say\n")
        checks = json.loads(Path(arguments["--checks"]).read_text())["checks"]
        for one in checks:
            place = Path(arguments["--output"], one["root"].removeprefix("monitoring/"))
            place.mkdir(parents=True)
            self._leave("jobs.drift", place)
        outcomes = [{"check": one["check"], "code": 0, "message": "", "seconds": 1.0} for one in checks]
        Path(arguments["--outcomes"], "outcomes.json").write_text(json.dumps({"version": 1, "checks": outcomes}))
        return Ended(0)

    def _leave(self, job: str, output: Path) -> None:
        """What the canned jobs leave out and later requests name."""
        for name, document in _LEFT.get(job, {}).items():
            (output / name).write_text(json.dumps(document))


_METRICS = {"sagerelay": {"metrics": {"auc": {"value": 0.9}}, "rows": 10, "task": "binary"}}
_DRIFT = {"version": 1, "state": "stable", "drifted": [], "window": {"from": "2026-11-22T12:00:00Z", "rows": 9}}
_QUALITY = {"version": 1, "state": "kept", "coverage": {"unknown": 0}, "problems": []}
_LEFT: dict[str, dict[str, Any]] = {
    "jobs.prepare": {"baseline.json": {}, "constraints.json": {}},
    "jobs.evaluate": {"answers.json": {}},
    "jobs.evaluate.uploaded": {"evaluation.json": _METRICS},
    "jobs.drift": {"drift.json": _DRIFT},
    "jobs.ground_truth": {"quality.json": _QUALITY},
    "jobs.score": {"scored.json": {"version": 1, "result": "predictions/many/0a1b2c3d4e5f/june.csv"}},
}
