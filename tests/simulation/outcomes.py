"""What SageMaker's jobs do in a history: how long they take, how they end, and the files they leave.

The truth about a candidate (`good`, `bad`, `unclear`) is decided here and known to nobody but the checks at the end:
the runtime sees only what an evaluation reports.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import transform_names
from chalicelib.aws.objects import VERDICT_END, VERDICT_PLACE
from chalicelib.names import CheckName, Kind, Step, StepName
from tests.memory_cloud.jobs import TRANSFORM, TUNING, Ending, Job
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import SCHEMA
from tests.simulation import checked, evaluated, reasons, together
from tests.simulation.functions import TIMEOUT

if TYPE_CHECKING:
    from tests.simulation.world import World

BROKEN = b"broken"
"""What a file holds that preparing refuses."""
_BEST = {"eta": "0.2", "max_depth": "6"}
_FIRST, _ALLOWED = 0.9, 0.02
"""What a first model is worth, and what gate.max_loss allows."""
_SERVING = frozenset({"InService", "Updating", "SystemUpdating"})
"""States of an endpoint in which it answers."""


class _ChangedError(Exception):
    """A job is given a document that somebody has changed."""


class Outcomes:
    """How jobs end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.truth: dict[str, str] = {}
        """By run: what its candidate is worth."""
        self.worth: dict[str, float] = {}
        """The same as a ROC AUC."""
        self.against_best: dict[str, str] = {}
        """By run: what was found against the best model before it: `better`, `not better`, or `lost`."""
        self.words: dict[str, str] = {}
        """By training or tuning that failed: what its script said of it."""

    def decide(self, kind: str, name: str, _request: dict[str, Any]) -> Ending:
        """How a job will end, as far as it does not depend on what it finds."""
        world = self._world
        seconds = world.chance.between(30.0, 900.0, f"length of {name}")
        ending = Ending("Completed", seconds, stale=world.stale(name), best=_BEST if kind == TUNING else None)
        if not (world.stormy and world.chance.happens(f"failure of {name}", world.weather.failing)):
            return ending
        reason = world.chance.pick(reasons.OF_JOBS, f"reason of {name}")
        if reason == "stopped":
            best = _BEST if kind == TUNING and world.chance.share(f"best of {name}") < 0.5 else None
            return replace(ending, status="Stopped", secondary="MaxRuntimeExceeded", best=best)
        if kind == TUNING:
            return replace(ending, status="Failed", reason=reasons.NO_TRIAL, trials=reason, best=None)
        return replace(ending, status="Failed", reason=reason, best=None)

    def leave(self, job: Job) -> Ending:
        """Write what a job leaves, and say how it ends in the face of what it found."""
        if job.ending.status != "Completed":
            self.words |= reasons.told_by(job, self._world)
            return job.ending
        missing = self._missing(job)
        if missing:
            if not self._was_there_when_asked(missing, job):
                self._world.wrong("what a job reads is there", f"{job.name}: {missing}")
            return replace(job.ending, status="Failed", reason=f"ClientError: nothing at {missing}")
        try:
            return self._left(job)
        except _ChangedError as changed:
            return replace(job.ending, status="Failed", reason=f"AlgorithmError: {changed} cannot be read")

    def _left(self, job: Job) -> Ending:
        if job.kind == TRANSFORM:
            return self._transform(job)
        step, check = StepName.parse(job.name), CheckName.parse(job.name)
        if check is not None:
            return self._check(job, check)
        assert step is not None, job.name
        match step.step:
            case Step.PREPARE:
                return self._prepare(job, step.run)
            case Step.TUNE | Step.PACK:  # a tuning's trials are not ours to leave
                return job.ending if step.step is Step.TUNE else self._write(job, "model.tar.gz", {}) or job.ending
            case Step.TRAIN:
                return self._train(job)
            case Step.COMPARE:
                return self._compare(job, step.run)
            case Step.EVALUATE:
                return self._evaluate(job, step.run)
            case Step.CANDIDATE | Step.LIVE:
                raise AssertionError(f"no job, but an endpoint: {job.name}")

    def _prepare(self, job: Job, run: str) -> Ending:
        objects = self._given(f"runs/{run}/inputs.json", "objects")
        try:
            bodies = [self._world.bucket.body(entry["key"], entry["version_id"]) for entry in objects]
        except (LookupError, TypeError) as problem:
            raise _ChangedError("inputs.json") from problem
        if any(body is None or body.startswith(BROKEN) for body in bodies):
            return replace(job.ending, status="Failed", reason="[no-target] jan.csv: there is no column y")
        chosen = self._given(f"runs/{run}/inputs.json", "settings")["algorithm"]
        several = chosen if isinstance(chosen, list) else []
        self._write(job, "schema.json", SCHEMA | ({"forms": dict.fromkeys(several, "text/csv")} if several else {}))
        for name in ("statistics", "constraints", "baseline"):
            self._write(job, f"{name}.json", {"version": 1})
        self._write(job, "test/test.csv", {})
        for algorithm, form in [(name, f"forms/{name}/") for name in several] or [(chosen, "")]:
            self._prepared_for(job, algorithm, form)
        for entry in (one for one in objects if one["origin"] == "code"):
            self._write(job, f"code/{entry['key'].partition('/code/')[2]}", {})
        arguments = job.request["AppSpecification"]["ContainerArguments"]
        for who in arguments[arguments.index("--ask") + 1].split(",") if "--ask" in arguments else ():
            self._world.bucket.put(f"{_output(job)}/asked/{who}/00000.csv", b"rows")
        return job.ending

    def _prepared_for(self, job: Job, algorithm: str, form: str) -> None:
        names = ["train/part.parquet", "validation/part.parquet", *(["schema.json"] if form else [])]
        # "auto" encodes in its training.
        for name in (*names, *([] if algorithm == "auto" else ["encoder/model.tar.gz"])):
            self._write(job, form + name, SCHEMA)

    def _compare(self, job: Job, run: str) -> Ending:
        named = self._given(f"runs/{run}/contestants.json", "contestants")
        self._write(job, "comparison.json", evaluated.compared(self._world.chance, named, run))
        return job.ending

    def _transform(self, job: Job) -> Ending:
        """A model answers what lies there, as long as it is kept."""
        if job.request["ModelName"] not in self._world.endpoints.models:
            self._world.gone(job.name, job.request["ModelName"])
            return replace(job.ending, status="Failed", reason="ClientError: Could not find model")
        answered = job.request["TransformOutput"]["S3OutputPath"].removeprefix(DEPLOYMENT.uri(""))
        self._world.bucket.put(f"{answered.rstrip('/')}/00000.csv.out", b"answers")
        return job.ending

    def _train(self, job: Job) -> Ending:
        root = job.request["OutputDataConfig"]["S3OutputPath"].removeprefix(DEPLOYMENT.uri("")).rstrip("/")
        self._world.bucket.put(f"{root}/{job.name}/output/model.tar.gz", b"model")
        return job.ending

    def _evaluate(self, job: Job, run: str) -> Ending:
        context = f"runs/{run}/context.json"
        live, best, endpoint = (self._given(context, name) for name in ("live", "best", "endpoint"))
        if not isinstance(live, dict | None) or not isinstance(best, dict | None):
            raise _ChangedError("context.json")
        given = {entry["InputName"] for entry in job.request["ProcessingInputs"]}
        arguments = job.request["AppSpecification"]["ContainerArguments"]
        answer = {endpoint: "answered" in given or self._answers(endpoint, run, job)}
        if live:
            asked = "--answered-live" not in arguments and self._answers(live["endpoint"], run, job)
            answer[live["endpoint"]] = asked or "answered-live" in given
        if not answer[endpoint]:
            return replace(job.ending, status="Failed", reason=f"AlgorithmError: {endpoint} does not answer")
        share = self._world.chance.share(f"truth of {run}")
        truth = "good" if share < 0.65 else "bad" if share < 0.85 or not live else "unclear"
        if not all(answer.values()) or (live and "live" not in given):
            truth = "unclear"  # there is nothing to compare with
        if truth == "good" and live and self._world.chance.share(f"step of {run}") < 0.5:
            truth = "level"
        self.worth[run] = evaluated.STEPS[truth] + (self.worth.get(live["run"], _FIRST) if live else _FIRST)
        gap = self.worth[run] - self.worth.get(best["run"], _FIRST) if best and "best" in given else None
        self.against_best[run] = evaluated.against_best(truth, gap, compared=bool(best))
        found = evaluated.evaluated(truth, live)
        if best:
            found["best_earlier"] = evaluated.best_earlier(best["run"], gap)
        if gap is not None and gap < -_ALLOWED:
            truth = "bad" if truth == "level" else "unclear" if truth == "good" and not live else truth
        self.truth[run] = truth
        self._write(job, "evaluation.json", {"sagerelay": found})
        self._write(job, "answers.json", {"version": 1})
        self._world.bucket.put(f"{_output(job)}/report.html", b"<p>" + VERDICT_PLACE + VERDICT_END + b"</p>")
        return job.ending

    def _answers(self, endpoint: str, run: str, job: Job) -> bool:
        """Whether an endpoint that a job asks answers, as it has to unless a person deleted it."""
        there = self._world.endpoints.endpoints.get(endpoint)
        if there is not None and there.status in _SERVING:
            return True
        # A run that newer data supersedes takes its candidate away, whatever its last job is doing.
        if run in self._world.under_way and endpoint not in self._world.taken_away:
            self._world.wrong("an endpoint that is asked serves", f"{job.name} asks {endpoint}: {there}")
        return False

    def _check(self, job: Job, check: CheckName) -> Ending:
        if "--ask" in job.request["AppSpecification"]["ContainerArguments"]:
            self._world.bucket.put(f"{_output(job)}/asked/00000.csv", b"rows")
            return job.ending  # a file of which nothing can be asked would be refused
        if together.is_shared(job):
            together.leave(self._world, job, self._lost(job))
            return job.ending
        if self._world.stormy and self._world.chance.happens(f"no result: {job.name}", self._world.weather.failing / 4):
            return job.ending
        share = self._world.chance.share(f"finding of {job.name}")
        unhappy = self._world.stormy and self._world.chance.happens(f"bad news: {job.name}", 0.5)
        if check.kind is Kind.QUALITY:
            state = ("fell" if share < 0.7 else "not-enough-labels") if unhappy else "kept"
            labelled = {"rows": 200} if state != "not-enough-labels" else None
            found = checked.quality(state, labelled, self._lost(job))
            found |= {"relation": self._relation(job, check), "before": self._before(job, state)}
            self._write(job, "quality.json", found)
            if labelled:
                self._world.bucket.put(f"{_output(job)}/labelled.csv", b"a,b\n1,2\n")
        elif check.kind is Kind.TEST:
            self._write(job, "evaluation.json", {"sagerelay": evaluated.evaluated("good", None)})
        elif check.kind is Kind.SCORE:
            self._score(job)
        else:
            state = ("drifted" if share < 0.8 else "not-enough-traffic") if unhappy else "stable"
            self._write(job, "drift.json", checked.drift(state, "certain" if share < 0.4 else "none", self._lost(job)))
        return job.ending

    def _lost(self, job: Job) -> dict[str, float]:
        """From a tenth of what is allowed to eight times as much, where it is a loss."""
        return {"amount": 0.02 * 2 ** (7 * self._world.chance.share(f"loss of {job.name}") - 4), "allowed": 0.02}

    def _before(self, job: Job, state: str) -> dict[str, Any] | None:
        """The model before the live one, where the job is given it, is as often better as not."""
        named = self._given(f"{_output(job)}/window.json", "before")
        given = "--before" in job.request["AppSpecification"]["ContainerArguments"]
        if given != bool(named):
            self._world.wrong("the model before is given where it is named", f"{job.name}: {given}, {named}")
        if not named or state == "not-enough-labels":
            return None
        better = self._world.chance.share(f"which is better: {job.name}") < 0.5
        return {"run": named["run"], "better": better, "sentence": "A sentence."}

    def _relation(self, job: Job, check: CheckName) -> dict[str, Any]:
        """The state of the relation goes on from the one that the window pins, which counts no check twice and none of
        another model; what it amounts to is told in quality.json, and kept beside it for the next check."""
        window = f"{_output(job)}/window.json"
        live, before = (self._given(window, name) for name in ("live", "relation"))
        name = f"{check.dataset}-{check.kind}-{check.ordinal}"
        counted, changed = self._counted_before(before, live)
        if name in counted:
            self._world.wrong("a check counts once", f"{name} goes on from {counted}")
        changed = changed or (self._world.stormy and self._world.chance.happens(f"another relation: {name}", 0.4))
        self._write(job, "relation.json", {"run": live["run"], "checks": [*counted, name], "changed": changed})
        return {"state": "changed" if changed else "unchanged", "since": "2026-11-22T12:00:00Z", "worse": changed}

    def _counted_before(self, before: Any, live: Any) -> tuple[list[str], bool]:
        """The checks of this model that its state has counted, and whether it is changed; what a person has made of
        that state is the end of it."""
        try:
            state = json.loads(self._world.bucket.body(before["key"]) or b"") if before else {}
            return (state["checks"], state["changed"]) if state.get("run") == live["run"] else ([], False)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return [], False

    def _score(self, job: Job) -> None:
        """The answers, where they were wanted, and what is told of them."""
        outputs = job.request["ProcessingOutputConfig"]["Outputs"]
        places = {entry["OutputName"]: entry["S3Output"]["S3Uri"] for entry in outputs}
        given = self._given(f"{_output(job)}/context.json", "score")
        if places["result"] != DEPLOYMENT.uri(given["result"].rpartition("/")[0]):
            self._world.wrong("answers lie where it was said", f"{job.name}: {places['result']}, {given['result']}")
        self._world.bucket.put(given["result"], b"a,predicted\n1,yes\n")
        self._write(job, "scored.json", {"version": 1, "result": given["result"], "rows": {"read": 1, "answered": 1}})

    def _given(self, key: str, name: str) -> Any:
        """What stands under a name in a document that a job is given."""
        try:
            return json.loads(self._world.bucket.body(key) or b"")[name]
        except (ValueError, LookupError, TypeError, RecursionError) as problem:
            raise _ChangedError(key) from problem

    def _missing(self, job: Job) -> str | None:
        """The first of a job's inputs at which nothing lies."""
        given = [entry["S3Input"]["S3Uri"] for entry in job.request.get("ProcessingInputs", [])]
        definition = job.request.get("TrainingJobDefinition", job.request)
        if job.kind == TRANSFORM:
            given.append(job.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
        given += [entry["DataSource"]["S3DataSource"]["S3Uri"] for entry in definition.get("InputDataConfig", [])]
        keys = (uri.removeprefix(DEPLOYMENT.uri("")) for uri in given)
        return next((key for key in keys if not self._world.bucket.under(key)), None)

    def _was_there_when_asked(self, missing: str, job: Job) -> bool:
        """Whether a person deleted it, and nobody could know: of its own run, nothing is looked for beforehand."""
        deleted = [when for key, when in self._world.meddled.items() if key.startswith(missing)]
        known = self._world.at(max(deleted, default=0.0)) + timedelta(seconds=TIMEOUT)
        step = transform_names.step_of(job.name)  # a run's own, also where it asks the model in service
        return bool(deleted) and (job.created < known or (step and missing.startswith(f"runs/{step.run}/")) is True)

    def _write(self, job: Job, name: str, document: dict[str, Any]) -> None:
        self._world.bucket.put(f"{_output(job)}/{name}", json.dumps(document).encode())


def _output(job: Job) -> str:
    output: str = job.request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return output.removeprefix(DEPLOYMENT.uri(""))
