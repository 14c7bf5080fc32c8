"""A file of rows: pinned together with the model that serves, and its job started.

The model is the one that callers are answered by. A person may have gone back to the predecessor, by the command in the
mail of a promotion, which no record knows of; so the endpoint is asked which one it has. Where nothing serves, it is
the record's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from chalicelib import json_files, names
from chalicelib.aws.errors import RefusedError
from chalicelib.failures import changed
from chalicelib.monitoring.commands import BeginCheck
from chalicelib.monitoring.facts import EndpointGone, Fact, NeedsTransform, NothingToCheck, ScoredBefore
from chalicelib.monitoring.record import Check, Monitor
from chalicelib.names import CheckKeys, RunKeys, Step, StepName
from chalicelib.one_container import of_context
from chalicelib.predictions import PredictionKeys
from chalicelib.records.run import LiveModel
from chalicelib.requests import Call
from chalicelib.requests.endpoints import VARIANT
from chalicelib.runtime.executor import Executor
from chalicelib.transform_names import Part

if TYPE_CHECKING:
    from chalicelib.records.handed_over import Context


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scoring:
    """Begins the jobs that answer files."""

    executor: Executor

    def begin(self, command: BeginCheck, check: Check, monitor: Monitor, live: LiveModel) -> Fact | None:
        """Pin the file and the model, and start the job; or say why there is none to start.

        Raises:
            RefusedError, BusyError: see `aws.errors`.
        """
        keys = monitor.keys(check)
        if self.executor.objects.find(keys.context) is None and (fact := self._pin(check, keys, live)):
            return fact
        pinned = self._document(keys.context)
        if check.part is Part.WHOLE and (fact := self._without_endpoint(check, pinned, live)):
            return fact
        from chalicelib.requests import processing  # no start needs them
        from chalicelib.runtime.budgets import begin_check

        try:
            request = processing.CheckRequest(
                keys,
                str(pinned["run"]),
                artifact=str(pinned["model_artifact"]),
                previous=None,
                instance=monitor.monitoring["instance"],
                volume_gb=monitor.monitoring["volume_gb"],
                result=str(pinned["score"]["result"]).rpartition("/")[0],
                capture=names.captured(live.endpoint, VARIANT).rstrip("/"),
            )
        except (KeyError, TypeError):
            raise RefusedError(changed(keys.context)) from None
        if check.part is Part.TRANSFORM:
            from chalicelib.requests import TRANSFORM, transforming

            asked = transforming.of_file(request, self.executor.deployment, command.attempt)
            begin_check(self.executor, Call(TRANSFORM, asked), monitor.dataset, live, check.began)
            return None
        arguments = processing.score(request, self.executor.deployment, command.attempt, check.part)
        begin_check(self.executor, Call("create_processing_job", arguments), monitor.dataset, live, check.began)
        return None

    def _pin(self, check: Check, keys: CheckKeys, live: LiveModel) -> Fact | None:
        """Write down what is asked of which model; or why nothing is."""
        serving = replace(live, run=self._run_that_serves(live))
        context = self._document(RunKeys(serving.run).context)
        if isinstance(fact := self._without_endpoint(check, context, live), EndpointGone):
            return fact
        found = self.executor.objects.find(check.subject or "")
        if found is None:
            return NothingToCheck(check.kind, check.ordinal)
        result = PredictionKeys.of(keys.dataset, found.key, found.etag, serving.run).result(found.key)
        if self.executor.objects.find(result):
            return ScoredBefore(check.ordinal, result)
        from chalicelib.monitoring import documents  # pydantic's models cost a cold start

        text = documents.scoring(keys, serving, cast("Context", context), found, self.executor.deployment.bucket)
        self.executor.objects.create(keys.context, text)
        return None

    def _run_that_serves(self, live: LiveModel) -> str:
        parsed = [StepName.parse(config) for config in self.executor.sagemaker.used_configs(live.endpoint)]
        runs = {name.run for name in parsed if name is not None and name.step is Step.LIVE}
        return runs.pop() if len(runs) == 1 else live.run  # two: it is being updated to the record's

    def _without_endpoint(self, check: Check, context: dict[str, Any], live: LiveModel) -> Fact | None:
        """What follows where no endpoint serves the model. One of one container needs none, the job has all of it; a
        pipeline's own containers are asked by a batch transform, where this release knows its algorithm."""
        algorithm = self.executor.deployment.algorithms.if_offered(context.get("settings") or {})
        if of_context(self.executor.deployment.algorithms, context):
            return None
        if not self.executor.sagemaker.is_deleted(live.endpoint):
            return None
        gone = EndpointGone(check.kind, check.ordinal)
        return gone if algorithm is None else NeedsTransform(check.kind, check.ordinal)

    def _document(self, key: str) -> dict[str, Any]:
        document = json_files.mapping(self.executor.objects.read(key))
        if not document:
            raise RefusedError(changed(key))
        return document
