"""When something that goes on is told, by a table of cases and by many made-up series of checks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from chalicelib.monitoring.episodes import MOST_NAMES, OVER_AFTER, Episode, News, Seen, is_worse, turned
from tests.relay.builders import NOW

DAY, QUIET = timedelta(days=1), timedelta(days=3)
TOLD = Episode("a", NOW, lost=2.0, names=("age",))
MILD = Episode("a", NOW, names=("age",))
CLOSED = Episode("a", NOW, names=("age",), over=NOW)
SILENT = Seen(bad=False, run="a")


def bad(lost: float = 0.0, *names: str, run: str = "a") -> Seen:
    return Seen(bad=True, run=run, lost=lost, names=names or ("age",))


@pytest.mark.parametrize(
    ("episode", "seen", "days", "news"),
    [
        (None, SILENT, 0, None),
        (None, bad(), 0, News.BEGAN),
        (MILD, bad(), 27, None),
        (MILD, bad(), 28, News.GOES_ON),
        (Episode("a", NOW, names=("age",), repeats=1), bad(), 55, None),
        (Episode("a", NOW, names=("age",), repeats=9), bad(), 112, News.GOES_ON),
        (MILD, bad(1.0), 0, News.HURTS),
        (TOLD, bad(3.9), 0, None),
        (TOLD, bad(4.0), 0, News.WORSE),
        (TOLD, bad(0.0), 1, None),
        (MILD, bad(0.0, "age", "plan"), 6, None),
        (MILD, bad(0.0, "age", "plan"), 7, News.MORE),
        (MILD, bad(0.0, "age", run="b"), 0, News.NEW_MODEL),
        (TOLD, bad(9.0, "age", run="b"), 0, News.NEW_MODEL),
        (MILD, SILENT, 99, None),
        (MILD, Seen(bad=False, run="b"), 0, News.OVER),
        (Episode("a", NOW, quiet=OVER_AFTER - 1, quiet_since=NOW), SILENT, 2, None),
        (Episode("a", NOW, quiet=OVER_AFTER - 1, quiet_since=NOW), SILENT, 3, News.OVER),
        (Episode("a", NOW, quiet=OVER_AFTER - 2, quiet_since=NOW), SILENT, 90, None),
        (CLOSED, SILENT, 1, None),
        (CLOSED, SILENT, 29, None),
        (CLOSED, bad(), 28, News.BACK),
        (CLOSED, bad(), 29, News.BEGAN),
        (CLOSED, bad(run="b"), 1, News.BEGAN),
    ],
)
def test_the_news_of_a_check(episode: Episode | None, seen: Seen, days: int, news: News | None) -> None:
    found = turned(episode, seen, NOW + days * DAY, QUIET)
    assert found.news == news
    goes_on = found.episode is not None and found.episode.is_open
    assert goes_on == (news is not News.OVER and (seen.bad or (episode is not None and episode.is_open)))


def test_what_comes_back_soon_is_the_same_and_has_to_stay_away_twice_as_long() -> None:
    episode, now, told = None, NOW, []
    for seen in ([bad()] + [SILENT] * 24) * 6:
        now += DAY
        episode, news = turned(episode, seen, now, QUIET)
        told.append(news)
    ends = [place % 25 for place, news in enumerate(told) if news is News.OVER]
    assert ends == [4, 7, 13], "and then not for twenty-four days"
    assert [news for news in told if news is not None] == [
        *(News.BEGAN, News.OVER, News.BACK, News.OVER, News.BACK, News.OVER, News.BACK, News.GOES_ON),
    ]
    assert episode is not None
    assert (episode.relapses, episode.is_open) == (3, True)


def test_what_was_told_is_what_the_next_news_is_measured_by() -> None:
    found = turned(MILD, bad(2.5, "plan"), NOW + DAY, QUIET).episode
    assert found == Episode("a", NOW + DAY, 2.5, ("age", "plan"))
    reminded = turned(found, bad(0.0), NOW + 40 * DAY, QUIET)
    assert reminded.episode == Episode("a", NOW + 40 * DAY, 0.0, ("age", "plan"), repeats=1)
    again = turned(reminded.episode, bad(1.0), NOW + 41 * DAY, QUIET)
    assert again.news is News.HURTS, "the reminder spoke of no loss"
    more = turned(found, bad(0.0, "city"), NOW + 20 * DAY, QUIET)
    assert (more.news, more.episode and more.episode.lost) == (News.MORE, 2.5), "of columns it was, and of no loss"
    fresh = turned(again.episode, bad(0.0, "city", run="b"), NOW + 42 * DAY, QUIET).episode
    assert fresh == Episode("b", NOW + 42 * DAY, 0.0, ("city",))


def test_what_is_kept_of_an_episode_is_bounded() -> None:
    many = tuple(f"{number} {'x' * 900}" for number in range(400))
    first = turned(None, bad(0.0, *many), NOW, QUIET).episode
    assert first is not None
    assert len(first.names) == MOST_NAMES
    assert max(map(len, first.names)) == 60
    later = turned(first, bad(0.0, "another"), NOW + 27 * DAY, QUIET)
    assert later.news is None, "so many columns: one more is no news"
    assert later.episode is not None
    assert len(later.episode.names) == MOST_NAMES


def series(chance: random.Random) -> list[Seen]:
    """Checks of a made-up model: calm, bursts of drift, a loss that wavers or grows, columns that come and go."""
    run, found, level = "a", [], 0.0
    how_bad, how_lossy, growth = chance.random(), chance.random(), chance.choice([0.9, 1.0, 1.05, 1.3])
    for _ in range(chance.randrange(20, 200)):
        if chance.random() < 0.01:
            run += "+"
        if chance.random() < 0.05:
            how_bad, how_lossy = chance.random(), chance.random()
        level = min((level or 1.0) * growth, 1e6)
        is_lossy = chance.random() < how_lossy
        lost = max(1.0, level * chance.uniform(0.7, 1.4)) if is_lossy else 0.0
        names = tuple(name for name in "abcdef" if chance.random() < 0.3)
        is_bad = chance.random() < how_bad
        found.append(Seen(bad=is_bad, run=run, lost=lost * is_bad, names=names if is_bad else ()))
    return found


def problems(checks: Sequence[Seen], step: timedelta) -> list[str]:
    """What a reader of the mails would complain of; an oracle that knows the mails and the checks, and no episode."""
    episode, now, wrong = None, NOW, list[str]()
    told: list[tuple[int, News, float]] = []
    mails_since_began: list[datetime] = []
    for place, seen in enumerate(checks):
        now += step
        episode, news = turned(episode, seen, now, QUIET)
        open_ = bool(told) and told[-1][1] is not News.OVER
        if seen.bad and not open_ and news not in {News.BEGAN, News.BACK}:
            wrong.append(f"{place}: it began in silence")
        same_run = open_ and checks[told[-1][0]].run == seen.run
        if seen.bad and same_run and seen.lost and is_worse(seen.lost, told[-1][2]) and news is None:
            wrong.append(f"{place}: a loss of {seen.lost} is silent after {told[-1]}")
        if news is News.OVER:
            before = checks[: place + 1][-OVER_AFTER:]
            new_model = len({one.run for one in checks[told[-1][0] : place + 1]}) > 1
            if not new_model and (any(one.bad for one in before) or len(before) < OVER_AFTER):
                wrong.append(f"{place}: over too soon")
        if news is News.BEGAN:
            mails_since_began = []
        if news in {News.GOES_ON, News.MORE}:
            mails_since_began.append(now)
            if len(mails_since_began) > 1 and mails_since_began[-1] - mails_since_began[-2] < timedelta(days=7):
                wrong.append(f"{place}: reminded too often")
        if news is not None:
            told.append((place, news, max(seen.lost, told[-1][2]) if news is News.MORE else seen.lost))
    return wrong


@pytest.mark.parametrize("hours", [1, 24, 24 * 7])
def test_no_series_of_checks_is_told_badly(hours: int) -> None:
    for seed in range(60):
        assert problems(series(random.Random(seed)), timedelta(hours=hours)) == [], seed


def test_whatever_wavers_sends_few_mails() -> None:
    for seed in range(8):
        chance, episode, mails, flips, was = random.Random(seed), None, 0, 0, False
        for day in range(730):
            lost = chance.choice([0.0, 0.0, chance.uniform(1.0, 2.0)])
            seen = bad(lost, *chance.sample("abcdef", 2)) if chance.random() < 0.6 else SILENT
            episode, news = turned(episode, seen, NOW + day * DAY, QUIET)
            mails, flips, was = mails + (news is not None), flips + (seen.bad != was), seen.bad
        assert mails < flips / 3, (seed, mails, flips)
