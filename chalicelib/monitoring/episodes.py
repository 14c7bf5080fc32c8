"""What goes on for a while, and what of it is worth a mail: the rule for drift and for a loss that labels show.

As the alerting of services does it: at once when it begins; over only when it stays away; told again when it gets
materially worse, and otherwise reminded, ever less often. A check that wavers about a limit is so one episode, with a
mail at each end. What comes back soon after it was called over has shown that this was too soon: it is the same, and
has to stay away twice as long the next time. News is always relative to what the last mail said. All that is kept of an
episode is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

OVER_AFTER = 3
"""Checks in a row that found nothing, over at least the quiet days, before it is called over; twice both for each time
that it came back."""
MOST_RELAPSES = 3
BACK_WITHIN = timedelta(days=28)
"""What begins so soon after its end is no new episode."""
REMINDED_AFTER = timedelta(days=28)
"""Then after twice that, then four times as long, and so on at that pace."""
FURTHER_NAMES_AFTER = 4
"""What part of that pause has to pass before further columns alone are worth a mail."""
MOST_DOUBLED = 2
WORSE_TIMES = 2.0
"""A loss is materially worse when it is so many times what was told: a loss that grows and grows is few mails."""
MOST_NAMES, NAME_LENGTH = 50, 60


class News(StrEnum):
    """Why a mail about an episode is due. Of the first, `BEGAN`, mails and records of earlier releases say nothing."""

    BEGAN = ""
    HURTS = "hurts"
    WORSE = "worse"
    NEW_MODEL = "new-model"
    MORE = "more-columns"
    GOES_ON = "goes-on"
    BACK = "back"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Episode:
    """What the owner was told of something that goes on, and how long it has been quiet since."""

    run: str
    """The model that it was last seen with."""
    told: datetime
    """When the last mail about it was due."""
    lost: float = 0.0
    """The certain loss that that mail spoke of, in times of what is allowed; 0 of none."""
    names: tuple[str, ...] = ()
    """What has drifted in it, as far as it was told."""
    repeats: int = 0
    """Mails that had nothing worse to say."""
    quiet: int = 0
    """Checks in a row that found nothing."""
    quiet_since: datetime | None = None
    over: datetime | None = None
    """When it was called over; it is kept for a while, for it may come back."""
    relapses: int = 0
    """How often it did, as far as that counts."""

    @property
    def is_open(self) -> bool:
        return self.over is None


class Seen(NamedTuple):
    """What one check found; nothing, unless it is `bad`. `lost`: the certain loss in times of what is allowed, 0 of
    none."""

    bad: bool
    run: str
    lost: float = 0.0
    names: tuple[str, ...] = ()


class Turn(NamedTuple):
    """The episode after a check, None when there is none and was none of late; `news`: what is to be told, None when
    nothing is."""

    episode: Episode | None
    news: News | None


def turned(episode: Episode | None, seen: Seen, now: datetime, quiet: timedelta) -> Turn:
    """What a check makes of an episode that is or was under way, or of none.

    Args:
        episode: as the check before left it.
        seen: what the check found.
        now: when it ended.
        quiet: the least time without findings that is called over.
    """
    if episode is None or _is_past(episode, seen, now):
        return Turn(Episode(seen.run, now, seen.lost, _short(seen.names)), News.BEGAN) if seen.bad else Turn(None, None)
    if not seen.bad:
        return _quiet(episode, seen, now, quiet) if episode.is_open else Turn(episode, None)
    news = _news(episode, seen, now)
    still = replace(episode, run=seen.run, quiet=0, quiet_since=None)
    match news:
        case None:
            return Turn(still, None)
        case News.NEW_MODEL:
            return Turn(Episode(seen.run, now, seen.lost, _short(seen.names)), news)
        case News.BACK:
            still = replace(still, over=None, relapses=min(episode.relapses + 1, MOST_RELAPSES))
        case News.MORE | News.GOES_ON:
            still = replace(still, repeats=min(episode.repeats + 1, MOST_DOUBLED))
    names = tuple(dict.fromkeys((*episode.names, *_short(seen.names))))[:MOST_NAMES]
    lost = max(seen.lost, episode.lost) if news is News.MORE else seen.lost  # of columns it was, and of no loss
    return Turn(replace(still, told=now, lost=lost, names=names), news)


def pause(repeats: int) -> timedelta:
    """How long after the last mail an episode that is no worse is told again.

    >>> [pause(repeats).days for repeats in range(5)]
    [28, 56, 112, 112, 112]
    """
    return REMINDED_AFTER * _doubled(repeats, MOST_DOUBLED)


def is_worse(lost: float, told: float) -> bool:
    """Whether a loss is worth a mail after one that spoke of `told`, both in times of what is allowed.

    >>> is_worse(1.9, 1.0), is_worse(2.0, 1.0), is_worse(19.0, 10.0)
    (False, True, False)
    """
    return lost >= WORSE_TIMES * told


def _doubled(times: int, at_most: int) -> int:
    """Two to the power of that; of a number that a person has put into a record as well."""
    return 1 << max(0, min(times, at_most))


def _is_past(episode: Episode, seen: Seen, now: datetime) -> bool:
    """Whether it is over for good, so that what is found now would be another one."""
    return episode.over is not None and (seen.run != episode.run or now - episode.over > BACK_WITHIN)


def _quiet(episode: Episode, seen: Seen, now: datetime, quiet: timedelta) -> Turn:
    if seen.run != episode.run:  # the episode was another model's, and this one does without it
        return Turn(None, News.OVER)
    since, checks, times = episode.quiet_since or now, episode.quiet + 1, _doubled(episode.relapses, MOST_RELAPSES)
    if checks >= times * OVER_AFTER and now - since >= times * quiet:
        return Turn(replace(episode, quiet=0, quiet_since=None, over=now), News.OVER)
    return Turn(replace(episode, quiet=min(checks, times * OVER_AFTER), quiet_since=since), None)


def _news(episode: Episode, seen: Seen, now: datetime) -> News | None:
    if not episode.is_open:
        return News.BACK
    if seen.run != episode.run:
        return News.NEW_MODEL
    if seen.lost and not episode.lost:
        return News.HURTS
    if seen.lost and is_worse(seen.lost, episode.lost):
        return News.WORSE
    waited, long = now - episode.told, pause(episode.repeats)
    if waited >= long:
        return News.GOES_ON
    more = len(episode.names) < MOST_NAMES and not set(_short(seen.names)) <= set(episode.names)
    return News.MORE if more and waited >= long / FURTHER_NAMES_AFTER else None


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name[:NAME_LENGTH] for name in names))[:MOST_NAMES]
