"""One word for how a dataset stands: the worst of its run, its monitor, how fresh what is known of it is, and its cost.

As in an asset catalogue: whoever looks over a thousand of them reads the word, and opens those that are not all right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib import json_files
from chalicelib.mails import cheaper
from chalicelib.monitoring.record import Monitor
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from chalicelib.records.traffic import LATELY, Traffic
from chalicelib.serving_mode import Mode

STALE = timedelta(days=2)
"""Whose traffic nobody has counted for so long is not known well: it is counted once a day."""


class Word(StrEnum):
    """How a dataset stands, the worst first."""

    WORSE = "got worse"
    FAILED = "failed"
    WAITS = "waits for you"
    DRIFTED = "drifted"
    TROUBLED = "has trouble"
    STALE = "is not counted"
    DEAR = "costs too much"
    ASLEEP = "asleep"
    TRAINING = "training"
    NONE = "no model"
    RIGHT = "all right"

    @property
    def clause(self) -> str:
        """What is said of those it holds of, after their names."""
        return _CLAUSES.get(self, str(self))


_CLAUSES = {
    Word.DRIFTED: "has drifted",
    Word.TROUBLED: "has trouble",
    Word.DEAR: "costs more than it need",
    Word.ASLEEP: "is asleep",
    Word.TRAINING: "is in training",
    Word.NONE: "has no model",
}
"""Where that is not the word itself."""
_ORDER = list(Word)


@dataclass(frozen=True, slots=True)
class Health:
    """A word, its reasons as sentences, and command lines that do something about it."""

    word: Word
    because: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


def of(dataset: Dataset, monitor: Monitor, runs: Sequence[Run], traffic: Traffic, now: datetime) -> Health:
    """How a dataset stands. `runs`: those that its record names, as far as they can be read.

    >>> from datetime import UTC
    >>> of(Dataset("churn"), Monitor("churn"), [], Traffic("churn"), datetime(2026, 12, 1, tzinfo=UTC)).word
    <Word.NONE: 'no model'>
    """
    found = [*_of_runs(dataset, runs), *_of_monitor(dataset, monitor), *_of_traffic(dataset, traffic, now)]
    if dataset.live is None:
        found += [Health(Word.TRAINING, (f"{dataset.active} is under way.",))] if dataset.active else [_NO_MODEL]
    worst = min((one.word for one in found), key=_ORDER.index, default=Word.RIGHT)
    ordered = sorted(found, key=lambda one: _ORDER.index(one.word))
    because = tuple(sentence for one in ordered for sentence in one.because)
    commands = tuple(dict.fromkeys(line for one in ordered for line in one.commands))
    return Health(worst, because, commands)


_NO_MODEL = Health(Word.NONE, ("No model of it is in service.",))


def _of_runs(dataset: Dataset, runs: Sequence[Run]) -> Iterator[Health]:
    by_id = {run.id: run for run in runs}
    active = by_id.get(dataset.active or "")
    if active and active.stage is Stage.AWAITING_APPROVAL:
        lines = (f"sagerelay approve {dataset.name}", f"sagerelay decline {dataset.name}")
        yield Health(Word.WAITS, (f"The model of {active.id} waits for somebody to approve it.",), lines)
    last = by_id.get(dataset.last.run) if dataset.last else None
    if last and last.stage is Stage.FAILED and last.failure:
        because = f"{last.id} failed at {last.failure.stage}: {last.failure.reason} {last.failure.advice}"
        yield Health(Word.FAILED, (because.strip(),))


def _of_monitor(dataset: Dataset, monitor: Monitor) -> Iterator[Health]:
    name = dataset.name
    if dataset.asleep:
        since = json_files.moment(dataset.asleep.since)
        because = f"Its endpoint was taken away ({since}): {dataset.asleep.because}"
        yield Health(Word.ASLEEP, (because,), (f"sagerelay wake {name}",))
    if dataset.live is None or not monitor.enabled:
        return
    if monitor.quality.state == "fell":
        fell = f"Its quality, measured with labels, has fallen{_since(monitor.quality.since)}."
        yield Health(Word.WORSE, (fell,), (f"sagerelay rollback {name}",))
    if monitor.drift.state == "harmful":
        harmed = f"Its traffic has drifted so that it certainly answers worse{_since(monitor.drift.since)}."
        yield Health(Word.WORSE, (harmed,), (f"sagerelay rollback {name}",))
    elif monitor.drift.state == "drifted":
        drifted = f"Its traffic has drifted{_since(monitor.drift.since)}."
        yield Health(Word.DRIFTED, (drifted,), (f"sagerelay check {name}",))
    troubles = [*monitor.open_alerts, *(["retraining stopped"] if monitor.retraining.stopped else [])]
    if troubles:
        told = ", ".join(code.replace("-", " ").replace(":", ": ") for code in troubles)
        yield Health(Word.TROUBLED, (f"Its monitor reports: {told}.",), (f"sagerelay status {name}",))


def _of_traffic(dataset: Dataset, traffic: Traffic, now: datetime) -> Iterator[Health]:
    live = dataset.live
    if live is None or dataset.asleep or live.mode is Mode.BATCH:
        return
    if traffic.counted and now - traffic.counted > STALE:
        yield Health(Word.STALE, (f"Its traffic was last counted {json_files.moment(traffic.counted)}.",))
        return
    if traffic.proposed in cheaper.LINES:
        line = cheaper.LINES[traffic.proposed]
        yield Health(Word.DEAR, (f"It would cost less in mode {traffic.proposed}: `{line}` in relay.yaml.",))
    old = traffic.since is not None and now - traffic.since >= LATELY
    if live.mode is Mode.REALTIME and old and not traffic.lately:
        yield Health(
            Word.DEAR, (f"Nobody has asked its endpoint for {LATELY.days} days, and it is billed by the hour.",)
        )


def _since(moment: str | None) -> str:
    return f" since {moment}" if moment else ""


Piece = tuple[str, str | None]
"""A text, and the dataset that it names, if it names one."""
NAMED = 3
"""So many datasets are named of each word; of more, how many they are."""


def sentence(found: Sequence[tuple[str, Word]]) -> list[Piece]:
    """How all datasets stand, as the pieces of one sentence: a name is a piece of its own.

    >>> "".join(text for text, _ in sentence([("a", Word.RIGHT), ("orders", Word.DRIFTED), ("b", Word.RIGHT)]))
    '2 of 3 models are all right; orders has drifted.'
    >>> "".join(text for text, _ in sentence([]))
    'There is no dataset yet: a file dropped in datasets/<name>/train/ makes the first.'
    """
    if not found:
        return [("There is no dataset yet: a file dropped in datasets/<name>/train/ makes the first.", None)]
    right = sum(word is Word.RIGHT for _, word in found)
    whole = f"All {right:,} models are" if right > 1 else "The one model is"
    some = f"{right:,} of {len(found):,} model{'s' * (len(found) != 1)} {'is' if right == 1 else 'are'}"
    pieces: list[Piece] = [(f"{whole if right == len(found) else some} all right", None)]
    for word in _ORDER[:-1]:
        names = [name for name, of_it in found if of_it is word]
        pieces += _clause(names, word) if names else []
    return [*pieces, (".", None)]


def _clause(names: Sequence[str], word: Word) -> Iterator[Piece]:
    yield ("; ", None)
    if len(names) > NAMED:
        yield (f"{len(names):,} {_plural(word.clause)}", None)
        return
    for place, name in enumerate(names):
        if place:
            yield (" and " if place == len(names) - 1 else ", ", None)
        yield (name, name)
    yield (f" {word.clause if len(names) == 1 else _plural(word.clause)}", None)


def _plural(clause: str) -> str:
    """
    >>> _plural("has drifted"), _plural("waits for you"), _plural("got worse")
    ('have drifted', 'wait for you', 'got worse')
    """
    first, _, rest = clause.partition(" ")
    plural = {"has": "have", "is": "are", "waits": "wait", "costs": "cost"}.get(first, first)
    return f"{plural} {rest}".strip()
