"""Mails: each that is due is sent, and none is sent twice unless SNS had taken it and nobody could know.

SNS's standard topics know no duplicates. So between SNS taking a mail and our noting that it did lies a window: who
dies in it, or gets no answer, leaves a mail that must be sent again, because it might as well not have been taken. The
window is this one call and the next; a repeat whose first mail did not fall into it is a mistake of ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from chalicelib.settings import relay_yaml
from tests.memory_cloud.expressions import Item
from tests.memory_cloud.topic import Mail
from tests.simulation import reasons
from tests.simulation.functions import Invocation

if TYPE_CHECKING:
    from tests.simulation.world import World

_PLACES = ("train/", "test/", "labels/", "score/", "code/", "relay.yaml")
_OF_STAGE = {Stage.LIVE: "promoted", Stage.REJECTED: "rejected", Stage.FAILED: "failed"}

_UNANSWERED = frozenset({Stage.SUPERSEDED, Stage.FAILED, Stage.CANCELLED})


class Sent:
    """Every mail of a history, who handed it in, and which were noted as sent."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._published: list[tuple[Mail, Invocation | None, int]] = []
        self._noted: set[str] = set()
        world.topic.on_mail = self._taken

    def _taken(self, mail: Mail) -> None:
        caller = self._world.caller
        self._world.tell(f"MAIL {mail.id}: {about(mail)} ({mail.subject})")
        self._published.append((mail, caller, caller.calls if caller else 0))

    def written(self, _name: str, item: Item | None) -> None:
        """A mail's own record was written."""
        if item and "message_id" in item:
            self._noted.add(item["message_id"]["S"])

    @property
    def repeated(self) -> int:
        """How many mails were sent again because whoever had sent them could not note it."""
        return sum(mail.id not in self._noted for mail, _, _ in self._published)

    @property
    def told(self) -> set[str]:
        """What the mails are about."""
        return {about(mail) for mail, _, _ in self._published}

    def check(self, runs: dict[str, Run], datasets: dict[str, Dataset]) -> None:
        """Look at the mails of a history that has come to rest."""
        self._check_once()
        for key, item in self._world.table.items.items():
            if key.startswith("mail#") and "sent" not in item:
                self._world.wrong("no mail is lost", f"{key} was claimed and never sent")
        for run in runs.values():
            self._check_run(run, self.told)
        for dataset in datasets.values():
            self._check_tests(dataset)
        self._check_refusals()

    def _check_once(self) -> None:
        news: dict[str, list[str]] = defaultdict(list)
        for mail, caller, call in self._published:
            if mail.id in self._noted:
                news[about(mail)].append(mail.id)
            elif caller is None or not caller.mishaps & {call, call + 1}:
                self._world.wrong("no mail is sent twice", f"{mail.id}, {about(mail)}: sent, and not noted")
            else:
                news.setdefault(about(mail), [])
        for told, noted in news.items():
            if len(noted) != 1:
                self._world.wrong("no mail is sent twice", f"{told}: noted {noted}")

    def _check_run(self, run: Run, told: set[str]) -> None:
        if not run.stage.ended:
            return
        due = {_OF_STAGE.get(run.stage, str(run.stage))} - {"superseded"}
        if any("-> awaiting approval" in line for line in run.history):
            due.add("approval-needed")
        if "approval-needed" in due and run.stage in _UNANSWERED and not self._was_asked(run):
            due.remove("approval-needed")
        ends = {"promoted", "rejected", "failed", "cancelled", "approval-needed"}
        sent = {kind for kind in ends if f"{kind} {run.id}" in told}
        if sent != due:
            self._world.wrong("every mail that is due is sent", f"{run.id}, {run.stage}: {sent} and not {due}")

    def _was_asked(self, run: Run) -> bool:
        """Whether a run that went on without an answer had the time to ask for one, and a mail could say of what."""
        asked = self._world.registry.asked.get(run.id)
        had_time = asked is not None and self._world.waits.stayed(run.id, Stage.AWAITING_APPROVAL, asked) > 900.0
        return f"approval-needed {run.id}" in self.told or had_time

    def _check_tests(self, dataset: Dataset) -> None:
        """A file of test/ or score/ that was uploaded is answered, as soon as there is a model to ask."""
        if dataset.live is None:
            return
        for folder, rule in (("test", "a test file is answered"), ("score", "a file of rows is answered")):
            files = self._world.bucket.under(f"datasets/{dataset.name}/{folder}/")
            answers = Counter(
                mail.machine["kind"]
                for mail, _, _ in self._published
                if str(mail.machine.get("check") or "").startswith(f"{dataset.name}-{folder}-")
                and mail.machine["kind"] != "score-waits"
            )
            if sum(answers.values()) < len(files):
                self._world.wrong(rule, f"{dataset.name}: {files}, but {answers}")

    def _check_refusals(self) -> None:
        """Whoever puts a file into the wrong place, or settings that cannot be read, is told; nobody else is.

        Of settings, those that lie there in the end: what was replaced before anybody looked was never refused.
        """
        told = {news.split(" ", 2)[1] for news in self.told if news.startswith("refused ")}
        there = [version.key for version in self._world.bucket.versions("datasets/")]
        misplaced = {key for key in there if not key.split("/", 2)[2].startswith(_PLACES)}
        settings = {key for key in there if key.endswith("/relay.yaml")}
        refused = {key for key in settings if _is_refused(self._world.bucket.versions(key)[-1].body)}
        ever = {key for key in settings if any(_is_refused(one.body) for one in self._world.bucket.versions(key))}
        for key in sorted((misplaced | refused) - told):
            self._world.wrong("a refusal is told", key)
        # Who asks for a training of what was withdrawn is told, too.
        nothing = {f"datasets/{dataset}/train/" for dataset in self._world.withdrawn}
        # Of code that no relay.yaml names its folder is told.
        nothing |= {f"{key.partition('/code/')[0]}/code/" for key in there if "/code/" in key}
        for key in sorted(told - misplaced - ever - nothing):
            self._world.wrong("only what is refused is told as such", key)


def about(mail: Mail) -> str:
    """What makes two mails the same news."""
    told = mail.machine
    news = [told["kind"], told.get("run") or told.get("check") or told.get("object")]
    if told["kind"] == "waiting":
        # The kind of what it waits for: `ThrottlingException` of "Why: ThrottlingException: ...".
        why = re.search(r"^Why: (.*)$", mail.text, re.MULTILINE)
        assert why, mail.text
        news += [told["stage"], reasons.kind(why[1])]
    if told["kind"] in {"rolled-back", "rollback-failed", "awake", "not-awake"}:
        news.append(told["request"])
    if told["kind"] == "refused":
        news.append(json.dumps(told["problems"]))
    return " ".join(map(str, news))


@cache
def _is_refused(settings: bytes) -> bool:
    """Kept, because all histories have the same few settings, and to read one takes longer than most calls."""
    try:
        relay_yaml.read_settings(settings)
    except relay_yaml.SettingsError:
        return True
    return False
