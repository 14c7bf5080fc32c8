"""When a schedule fires, as pure values: no clock and no bus."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.settings.schedules import firings, parse

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("rate(15 minutes)", ["12:15:30", "12:30:30", "12:45:30", "13:00:30"]),
        ("rate(1 hour)", ["13:00:30"]),
        ("cron(0/20 * * * ? *)", ["12:20:00", "12:40:00", "13:00:00"]),
        ("cron(5,10-11 12 ? * SUN *)", ["12:05:00", "12:10:00", "12:11:00"]),
        ("cron(5 12 ? * MON-FRI *)", []),
        ("cron(5 12 22 NOV ? 2026)", ["12:05:00"]),
        ("cron(5 12 22 NOV ? 2027)", []),
    ],
)
def test_when_a_schedule_fires(expression: str, times: list[str]) -> None:
    until = NOON + timedelta(hours=1, seconds=20)
    fired = firings(parse(expression), start=NOON, after=NOON, until=until)
    assert [moment.strftime("%H:%M:%S") for moment in fired] == times


def test_a_schedule_fires_once_however_often_one_looks() -> None:
    moments = [NOON + timedelta(seconds=7 * step) for step in range(600)]
    for expression in ("rate(5 minutes)", "cron(*/5 * * * ? *)"):
        schedule = parse(expression)
        looked = [
            moment
            for after, until in itertools.pairwise(moments)
            for moment in firings(schedule, start=NOON, after=after, until=until)
        ]
        assert looked == list(firings(schedule, start=NOON, after=moments[0], until=moments[-1]))


@pytest.mark.parametrize(
    "expression",
    ["rate(1 minutes)", "rate(0 minutes)", "rate(5 minute)", "cron(0 3 * * *)", "cron(0 3 * * * *)",
     "cron(0 25 ? * * *)", "cron(0 3 L * ? *)", "every 5 minutes"],
)  # fmt: skip
def test_what_is_not_a_schedule(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+: .+"):
        parse(expression)
