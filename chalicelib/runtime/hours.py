"""What an endpoint that serves no more, or serves another model now, has had billed by the hour this month."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from chalicelib.aws.store import Store
from chalicelib.codec import UnreadableError
from chalicelib.records.dataset import Dataset
from chalicelib.records.used import Billed, month_began
from chalicelib.serving_mode import Mode


def began(record: Dataset) -> datetime | None:
    """Since when the live model's endpoint has been billed by the hour without a break; None where it is not, or where
    the endpoint's own creation says it: no other mode, and nothing that has been counted already, came before.
    """
    live, before = record.live, record.previous
    if live is None or live.mode is not Mode.REALTIME:
        return None
    since = datetime.fromisoformat(live.since)
    if record.woken:
        since = max(since, record.woken)
    is_counted = record.served is not None or (before is not None and before.mode is not Mode.REALTIME)
    return since if is_counted or record.woken == since else None


def served(store: Store, record: Dataset, until: datetime) -> Billed | None:
    """What the live model has had billed until this moment, in its month; None where that is nothing, or not known.

    Of instances that follow the traffic, the fewest are counted: how many there were is nowhere written down.
    """
    live = record.live
    if live is None or live.mode is not Mode.REALTIME or (record.asleep and record.asleep.gone):
        return None
    run = None
    with suppress(UnreadableError):  # whoever needs it tells so
        run = store.run(live.run)
    if run is None:
        return None
    from chalicelib.costs import spent  # and prices, which no start needs
    from chalicelib.costs.prices import key
    from chalicelib.names import Step

    use, instance, count = spent.machine(run, Step.LIVE)
    if live.scaling:
        count = live.scaling.min
    since = max(datetime.fromisoformat(live.since), record.woken or month_began(until), month_began(until))
    return Billed(key(use, instance), max(0.0, (until - since).total_seconds()) * count)
