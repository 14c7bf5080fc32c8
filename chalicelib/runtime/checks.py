"""The monitor's commands executed: each one harmless to repeat, because what a check looks at is pinned when it begins.

Knows how, never whether: what is to be done was decided in `monitoring/` and written down before it came here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from chalicelib import json_files
from chalicelib.aws.errors import UNUSABLE, DeniedError, RefusedError
from chalicelib.failures import changed
from chalicelib.monitoring.commands import BeginCheck, Tell
from chalicelib.monitoring.facts import EndpointGone, Fact, NothingToCheck
from chalicelib.monitoring.record import Check, Monitor
from chalicelib.names import CheckKeys, DatasetKeys, Kind, RunKeys
from chalicelib.one_container import of_context
from chalicelib.records import going_back
from chalicelib.records.inputs import InputObject
from chalicelib.records.run import BestModel, LiveModel
from chalicelib.requests import Call
from chalicelib.requests.endpoints import VARIANT
from chalicelib.runtime import serving
from chalicelib.runtime.executor import Executor
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.contract.checks import CheckResult
    from chalicelib.records.handed_over import (
        CapturedObject,
        Context,
        PinnedObject,
        UploadedContext,
        Window,
    )

DRILLS_TRAFFIC = timedelta(hours=3)
"""A drill asks for its check as soon as its traffic is captured: nothing older belongs to it."""
_ABOUT_WHAT_SERVES = frozenset({Kind.DRIFT, Kind.DRILL, Kind.TEST})
"""Labels tell of answers that were given, whatever became of the endpoint."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Checks:
    """Executes the monitor's commands."""

    executor: Executor

    def begin(self, command: BeginCheck, monitor: Monitor) -> Fact | None:
        """Pin what the check looks at and start its job.

        Raises:
            RefusedError, BusyError: see `aws.errors`.
        """
        check = monitor.check(command.kind, command.ordinal)
        if check is None or monitor.live is None:
            return None
        if check.kind is Kind.SCORE:
            from chalicelib.runtime.scoring import Scoring  # what most checks can do without

            return Scoring(self.executor).begin(command, check, monitor, monitor.live)
        # Only a test needs to know how the run was made; the others are spared the reading.
        context = self._context(monitor.live) if check.kind is Kind.TEST else None
        if fact := self.pin(check, monitor, monitor.live, context):
            return fact
        keys = monitor.keys(check)
        # Checks begin in the sweep, and one a day: no start needs these.
        from chalicelib.requests import processing
        from chalicelib.runtime.budgets import begin_check

        request = processing.CheckRequest(
            keys,
            monitor.live.run,
            artifact=str(context.get("model_artifact", "")) if context else "",
            previous=self.previous(check, monitor),
            instance=monitor.monitoring["instance"],
            volume_gb=monitor.monitoring["volume_gb"],
            answers=self._answers(check, monitor.live),
            before=self._to_go_back_to(keys),
        )
        made_by = {Kind.QUALITY: processing.quality, Kind.TEST: processing.test}
        arguments = made_by.get(check.kind, processing.drift)(request, self.executor.deployment, command.attempt)
        begin_check(self.executor, Call("create_processing_job", arguments), monitor.dataset, monitor.live, check.began)
        return None

    def pin(self, check: Check, monitor: Monitor, live: LiveModel, context: Context | None) -> Fact | None:
        """Write down what a check looks at, unless that was done; or why there is nothing to look at."""
        if fact := self._without_endpoint(check, monitor, live, context):
            return fact
        keys = monitor.keys(check)
        there = self._is_pinned(keys) or self._pin(check, keys, monitor, live, context)
        return None if there else NothingToCheck(check.kind, check.ordinal)

    def _without_endpoint(
        self, check: Check, monitor: Monitor, live: LiveModel, context: Context | None
    ) -> Fact | None:
        """What follows where the check is about what serves, and that is gone or sleeps."""
        if check.kind not in _ABOUT_WHAT_SERVES or not self._is_gone(check, live, context):
            return None
        if check.kind is Kind.DRIFT and self.executor.store.dataset(monitor.dataset).asleep:
            return NothingToCheck(check.kind, check.ordinal, sleeps=True)
        return EndpointGone(check.kind, check.ordinal)

    def _is_gone(self, check: Check, live: LiveModel, context: Context | None) -> bool:
        """Whether nothing is there that could be asked, or could have been."""
        if live.mode is not Mode.BATCH:
            return self.executor.sagemaker.is_deleted(live.endpoint)
        answers_itself = context is not None and of_context(self.executor.deployment.algorithms, context)
        return check.kind is Kind.DRILL or (check.kind is Kind.TEST and not answers_itself)

    def _context(self, live: LiveModel) -> Context:
        key = RunKeys(live.run).context
        context = json_files.mapping(self.executor.objects.read(key))
        if not context:
            raise RefusedError(changed(key))
        return cast("Context", context)

    def read(self, check: CheckKeys, live: LiveModel | None) -> Fact:
        """What a check's job found of this model."""
        from chalicelib.monitoring import documents  # pydantic's models cost a cold start; few events need them

        gate = serving.gate_of(self.executor.store, live) if check.kind is Kind.QUALITY else None
        return documents.read_result(check, self.executor.objects.read(check.result), gate)

    def result(self, check: CheckKeys) -> CheckResult | None:
        """A check's result as it is, or None when there is none."""
        return cast("CheckResult | None", self._document(check.result))

    def tell(self, command: Tell, monitor: Monitor, now: datetime) -> None:
        """Write to the owner, once."""
        from chalicelib.monitoring import mails  # few events end in a mail, and no start needs what they are made of
        from chalicelib.monitoring.mail_context import MailContext

        check = command.check
        pinned = self.window(check) if check.kind is Kind.DRILL else None
        drill = str(pinned.get("drill") or "") if pinned else ""
        context = MailContext(monitor, check, command.note, self.result(check), drill, command.news, command.stopped)
        try:
            message = mails.about(command.mail, context, self.executor.deployment)
        except UNUSABLE:
            # A result of another version: the mail must come, if with less in it.
            message = mails.about(command.mail, replace(context, result=None), self.executor.deployment)
        self.executor.outbox.send(f"{check.root}#{command.mail}", message, now)

    def labelled_traffic(self, monitor: Monitor) -> tuple[InputObject, ...]:
        """The captured rows with labels; whether they are learned from is the caller's to know."""
        if monitor.labelled is None:
            return ()
        found = self.executor.objects.find(f"{monitor.labelled.root}/labelled.csv")
        return () if found is None else (InputObject(**{**asdict(found), "origin": "traffic"}),)

    def _is_pinned(self, keys: CheckKeys) -> bool:
        pinned = keys.context if keys.kind is Kind.TEST else keys.window
        return self.executor.objects.find(pinned) is not None

    def _pin(self, check: Check, keys: CheckKeys, monitor: Monitor, live: LiveModel, context: Context | None) -> bool:
        """Write down what the check looks at; whether there is anything."""
        match check.kind:
            case Kind.TEST:
                return self._pin_test(check, keys, live, context)
            case Kind.QUALITY:
                return self._pin_labels(check, keys, monitor, live)
            case _:
                return self._pin_traffic(check, keys, monitor, live)

    def _pin_traffic(self, check: Check, keys: CheckKeys, monitor: Monitor, live: LiveModel) -> bool:
        from chalicelib.monitoring import documents

        before = self.executor.objects.read(monitor.watermark.window) if monitor.watermark else None
        counted, drawn = documents.counted(before)
        since = datetime.fromisoformat(live.since)
        if monitor.watermark and drawn is None:
            since = max(since, monitor.watermark.began)  # its files were deleted: late ones cannot be told from counted
        if check.kind is Kind.DRILL:
            counted, since = [], max(since, check.began - DRILLS_TRAFFIC)
        elif drawn:
            since = max(since, drawn - documents.LATENESS)
        there = self.executor.objects.captured(live.endpoint, VARIANT, since)
        known = set(counted)
        fresh = [entry for entry in there if entry.key not in known]
        if not fresh:
            return False
        earlier = [entry.key for entry in there if entry.key in known]
        self._write_window(check, keys, monitor, live, objects=fresh, earlier=earlier)
        return True

    def _pin_labels(self, check: Check, keys: CheckKeys, monitor: Monitor, live: LiveModel) -> bool:
        since = check.began - timedelta(days=monitor.monitoring["window_days"])
        labels = self.executor.objects.current(DatasetKeys(monitor.dataset).labels, since)
        there = self.executor.objects.captured(live.endpoint, VARIANT, since)
        last = self.window(monitor.last_quality) if monitor.last_quality else None
        if not labels or (last and _same(last.get("labels"), labels) and _same(last.get("objects"), there)):
            return False
        last_root = monitor.last_quality.root if monitor.last_quality else None
        before = self.executor.objects.find(f"{last_root}/relation.json") if last_root else None
        earlier = self._before(monitor, live)
        self._write_window(check, keys, monitor, live, objects=there, labels=labels, relation=before, before=earlier)
        return True

    def _write_window(
        self,
        check: Check,
        keys: CheckKeys,
        monitor: Monitor,
        live: LiveModel,
        *,
        objects: Sequence[InputObject],
        labels: Sequence[InputObject] = (),
        relation: InputObject | None = None,
        before: BestModel | None = None,
        earlier: Sequence[str] = (),
    ) -> None:
        from chalicelib.monitoring import documents

        bucket = self.executor.deployment.bucket
        text = documents.window(
            check,
            keys,
            live,
            monitor.monitoring,
            monitor.meant,
            bucket=bucket,
            objects=objects,
            labels=labels,
            relation=relation,
            before=before,
            earlier=earlier,
        )
        self.executor.objects.create(keys.window, text)

    def _pin_test(self, check: Check, keys: CheckKeys, live: LiveModel, context: Context | None) -> bool:
        found = self.executor.objects.find(check.subject or "")
        if found is None or not context:
            return False
        from chalicelib.records.handed_over import pinned  # two dozen types: no start needs them

        document: UploadedContext = {
            **context,
            "endpoint": live.endpoint,
            "live": None,
            "best": None,
            "uploaded": {
                "check": keys.name,
                "bucket": self.executor.deployment.bucket,
                "objects": [pinned(found)],
                "trained_rows": f"{RunKeys(live.run).prepared}/trained_rows.npy",
            },
        }
        self.executor.objects.create(keys.context, json.dumps(document, ensure_ascii=False).encode())
        return True

    def previous(self, check: Check, monitor: Monitor) -> str | None:
        """The key of the result of the check of its kind before it, where there is one."""
        last = {Kind.DRIFT: monitor.last_drift, Kind.QUALITY: monitor.last_quality}.get(check.kind)
        return last.result if last and self.executor.objects.find(last.result) else None

    def _answers(self, check: Check, live: LiveModel) -> str | None:
        key = RunKeys(live.run).answers
        return key if check.kind is Kind.QUALITY and self.executor.objects.find(key) else None

    def _before(self, monitor: Monitor, live: LiveModel) -> BestModel | None:
        """The model that callers could go back to, where that may be of use."""
        if monitor.monitoring["rollback"] == "never" or live.back:
            return None
        record = self.executor.store.dataset(monitor.dataset)
        if record.live is None or record.live.run != live.run or not going_back.can_go_back(record):
            return None
        return serving.as_best(self.executor.store, record.previous)

    def _to_go_back_to(self, keys: CheckKeys) -> tuple[str, str] | None:
        """Run and artifact of that model, as they were pinned."""
        found = (self._document(keys.window) or {}).get("before") if keys.kind is Kind.QUALITY else None
        return (found["run"], found["artifact"]) if found else None

    def window(self, keys: CheckKeys) -> Window | None:
        """What a check looked at, as it is."""
        return cast("Window | None", self._document(keys.window))

    def _document(self, key: str) -> dict[str, Any] | None:
        """A document of ours, or None when there is none that can be read: mails must come, if with less in them."""
        try:
            return json_files.mapping(self.executor.objects.read(key))
        except (RefusedError, DeniedError):  # too large to be ours, or shut
            return None


def _same(pinned: Sequence[PinnedObject] | Sequence[CapturedObject], there: tuple[InputObject, ...]) -> bool:
    try:
        known = [(entry["key"], entry["etag"]) for entry in pinned]
    except (KeyError, TypeError):  # no window of ours, or a damaged one
        return False
    return known == [(entry.key, entry.etag) for entry in there]
