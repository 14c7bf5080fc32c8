"""Who looks at a dataset's folder: one at a time, and for everybody who has asked by then.

The item `look#<dataset>`. Whoever looks *holds* it; whoever comes meanwhile only counts up `asked` and goes away, and
the holder looks once more when it has grown. So a folder dropped at once is listed as often as time passes and not as
often as files arrive. As long as anything is to be looked at the item is `open`, for the sweep: a holder that dies
takes no question with it.

A hold runs out, and then the next one may take it, perhaps from somebody who is only slow. That one must not write
down what it saw before: whoever finds a hold that was not given back has to write the dataset's record anew before
looking (`Turn.fences`). The slow one read the record before it took its turn (`runtime/looking.py`), and so loses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.aws.store import Store

HOLD = timedelta(minutes=2)
"""Longer than the listing of 100,000 files takes, and shorter than a sweep is away. Nothing but time hangs on it."""
APART = timedelta(seconds=1)
"""Between the beginnings of two looks at one dataset."""
_ASK = "SET #open = :yes ADD asked :one"


@dataclass(frozen=True, slots=True)
class Turn:
    """A look that the caller takes, and nobody else."""

    dataset: str
    holder: str
    asked: int
    """Questions that came before it, which it answers."""
    waiting: bool
    """Whether any of them may still wait for an answer."""
    before: datetime | None
    """When the look before it began."""
    fences: bool
    """Whether the hold was not given back before: somebody slow may still believe that it is theirs."""

    def wait(self, now: datetime) -> timedelta:
        """How long to wait, so that looks are `APART`. Never longer than that, whatever another's clock said."""
        if self.before is None:
            return timedelta()
        return min(APART, max(timedelta(), self.before + APART - now))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Looks:
    """The looks in the table."""

    store: Store

    def take(self, dataset: str, holder: str, now: datetime, *, again: bool = False) -> Turn | None:
        """Take a turn, or (`again`) one more while holding it; None when somebody else holds it."""
        values: dict[str, str | int] = {":me": holder, ":until": (now + HOLD).isoformat(), ":now": now.isoformat()}
        free = "attribute_not_exists(holder) OR holder = :me OR held_until < :now"
        old = self.store.update(
            f"look#{dataset}",
            "SET holder = :me, held_until = :until, began = :now, #open = :yes ADD asked :none",
            free,
            {**values, ":yes": "yes", ":none": 0},
            answer="ALL_OLD",
        )
        if old is None:
            return None
        began, held_by = old.get("began"), old.get("holder")
        return Turn(
            dataset,
            holder,
            asked=int(old["asked"]["N"]) if "asked" in old else 0,
            waiting="open" in old,
            before=datetime.fromisoformat(began["S"]) if began else None,
            # One's own name where one has only come is the echo of a request that the client library made twice.
            fences=held_by is not None and not (again and held_by["S"] == holder),
        )

    def ask(self, dataset: str, now: datetime) -> bool:
        """Leave a question for whoever holds the turn; False when nobody does (any more), and it is to be taken."""
        new = self.store.update(f"look#{dataset}", _ASK, None, {":one": 1, ":yes": "yes"}, answer="ALL_NEW")
        return new is not None and "holder" in new and new["held_until"]["S"] >= now.isoformat()

    def done(self, turn: Turn) -> bool:
        """Give the turn back as answered; False, and it is kept, when somebody has asked since it was taken."""
        held = self.store.update(
            f"look#{turn.dataset}",
            "REMOVE holder, held_until, #open",
            "holder = :me AND asked = :asked",
            {":me": turn.holder, ":asked": turn.asked},
        )
        return held is not None

    def leave(self, turn: Turn) -> None:
        """Leave what is asked to whoever comes next, at the latest to the sweep; also when the turn was lost."""
        held = self.store.update(
            f"look#{turn.dataset}", "SET held_until = :never", "holder = :me", {":me": turn.holder, ":never": ""}
        )
        if held is None:
            self.store.update(f"look#{turn.dataset}", _ASK, None, {":one": 1, ":yes": "yes"})
