"""What goes on for a while, and what of it is worth a mail: the rule for drift and for a loss that labels show.

As the alerting of services does it: at once when it begins; over only when it stays away; told again when it gets
materially worse, and otherwise reminded, ever less often. A check that wavers about a limit is so one episode, with a
mail at each end. News is always relative to what the last mail said. All that is kept of an episode is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

OVER_AFTER = 3
"""Checks in a row that found nothing, over at least the quiet days, before it is called over."""
REMINDED_AFTER = timedelta(days=28)
"""Then after twice that, then four times as long, and so on at that pace."""
FURTHER_NAMES_AFTER = 4
"""What part of that pause has to pass before further columns alone are worth a mail."""
MOST_DOUBLED = 2
WORSE_TIMES, WORSE_BY = 1.5, 1.0
"""A loss is materially worse when it is half as large again as was told, and by at least what is allowed at all."""
MOST_NAMES, NAME_LENGTH = 50, 60


class News(StrEnum):
    """Why a mail about an episode is due. Of the first, `BEGAN`, mails and records of earlier releases say nothing."""

    BEGAN = ""
    HURTS = "hurts"
    WORSE = "worse"
    NEW_MODEL = "new-model"
    MORE = "more-columns"
    GOES_ON = "goes-on"
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


class Seen(NamedTuple):
    """What one check found; nothing, unless it is `bad`. `lost`: the certain loss in times of what is allowed, 0 of
    none."""

    bad: bool
    run: str
    lost: float = 0.0
    names: tuple[str, ...] = ()


class Turn(NamedTuple):
    """The episode after a check, None when there is none; `news`: what is to be told, None when nothing is."""

    episode: Episode | None
    news: News | None


def turned(episode: Episode | None, seen: Seen, now: datetime, quiet: timedelta) -> Turn:
    """What a check makes of the episode that is under way, or of none. `quiet`: the least time that is called over."""
    if not seen.bad:
        return Turn(None, None) if episode is None else _quiet(episode, seen, now, quiet)
    if episode is None:
        return Turn(Episode(seen.run, now, seen.lost, _short(seen.names)), News.BEGAN)
    news = _news(episode, seen, now)
    still = replace(episode, run=seen.run, quiet=0, quiet_since=None)
    if news is None:
        return Turn(still, None)
    before = () if news is News.NEW_MODEL else episode.names
    fresh = 0 if news is News.NEW_MODEL else episode.repeats + (news in {News.MORE, News.GOES_ON})
    names = tuple(dict.fromkeys((*before, *_short(seen.names))))[:MOST_NAMES]
    return Turn(replace(still, told=now, lost=seen.lost, names=names, repeats=fresh), news)


def pause(repeats: int) -> timedelta:
    """How long after the last mail an episode that is no worse is told again.

    >>> [pause(repeats).days for repeats in range(5)]
    [28, 56, 112, 112, 112]
    """
    return REMINDED_AFTER * (1 << min(repeats, MOST_DOUBLED))


def is_worse(lost: float, told: float) -> bool:
    """Whether a loss is worth a mail after one that spoke of `told`, both in times of what is allowed.

    >>> is_worse(1.9, 1.0), is_worse(2.0, 1.0), is_worse(11.0, 10.0), is_worse(15.0, 10.0)
    (False, True, False, True)
    """
    return lost >= max(WORSE_TIMES * told, told + WORSE_BY)


def _quiet(episode: Episode, seen: Seen, now: datetime, quiet: timedelta) -> Turn:
    if seen.run != episode.run:  # the episode was another model's, and this one does without it
        return Turn(None, News.OVER)
    since, checks = episode.quiet_since or now, episode.quiet + 1
    if checks >= OVER_AFTER and now - since >= quiet:
        return Turn(None, News.OVER)
    return Turn(replace(episode, quiet=min(checks, OVER_AFTER), quiet_since=since), None)


def _news(episode: Episode, seen: Seen, now: datetime) -> News | None:
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
