"""The relay at work: when it last swept, which events were given up, and which runs wait for what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.aws.store import Store
from chalicelib.records.run import Run, Stage
from ops import advice
from ops.account.finding import Finding, note, ok, problem
from ops.doctor import dead_letters
from ops.target import Clients

SILENT = timedelta(minutes=20)
"""The sweep comes every five minutes and may take five."""
_MOST_TOLD = 3
_REPLAY = (
    "Then {replay} hands them over again. The sweep may have made good by now what it could see; an "
    "event is a hint, so that one done twice does no harm."
)
_ON_LAPTOP = "The sweep makes good what it can see; an upload is to be dropped again."


def judge_sweep(last: datetime | None, now: datetime, since: datetime | None) -> Finding:
    """What the time of the last sweep means; `since`: when the deployment was made or changed, None: not known.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> str(judge_sweep(noon - timedelta(hours=2), noon, None).state)
    'problem'
    """
    todo = "Look at the schedule above, and at the logs of the function `sweep` in CloudWatch."
    if last is None:
        if since is not None and now - since > SILENT:
            return problem("sweep", f"none yet, and the deployment is {_minutes(now - since)} old", todo)
        return note("sweep", "none yet; the first comes within five minutes of a deployment")
    ago = f"the last was {_minutes(now - last)} ago"
    return problem("sweep", ago, todo) if now - last > SILENT else ok("sweep", ago)


def judge_queue(client: Clients, queue: str, what: str, stage: str | None) -> Iterator[Finding]:
    """What lies in one of the two queues; `stage` is None on a laptop."""
    count = dead_letters.count(client, queue)
    if not count:
        yield ok("dead letters", f"none of {what}")
        return
    told = [str(letter) for letter in dead_letters.look(client, queue)[:_MOST_TOLD]]
    yield problem(
        "dead letters",
        "\n".join([f"about {count} of {what}:", *told, *(["..."] if count > len(told) else [])]),
        f"Mend the cause. {_ON_LAPTOP if stage is None else _REPLAY.format(replay=advice.replay(stage))}",
    )


def waiting(store: Store) -> Iterator[Finding]:
    """The runs that are under way, and why those that wait do."""
    runs = [run for kind, name in store.open_records() if kind == "run" and (run := store.run(name)) is not None]
    yield from judge_runs(runs)


def judge_runs(runs: Sequence[Run]) -> Iterator[Finding]:
    """What open runs mean: waiting is no problem of the relay's, but a person may end it."""
    for run in runs:
        if run.waiting_for:
            until = f"; the next try is at {run.not_before:%H:%M} UTC" if run.not_before else ""
            yield note(
                "runs",
                f"{run.id} waits, {run.stage}: {run.waiting_for}{until}",
                "It goes on by itself. If it is a quota, ask for more (see the quotas above).",
            )
        elif run.stage is Stage.AWAITING_APPROVAL:
            yield note("runs", f"{run.id} awaits approval", "Approve or reject its version in the model registry.")
    quiet = sum(not run.waiting_for and run.stage is not Stage.AWAITING_APPROVAL for run in runs)
    yield ok("runs", f"{quiet} at work" if quiet else "none at work")


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"
