"""How the drift page shows what was before: the course over time, and since when a state holds."""

from typing import Any, cast

import pytest

from jobs.documents.drift import Finding
from jobs.report.drift_page import render_drift
from jobs.report.drift_verdict import facts
from jobs.report.monitoring import since
from jobs.report.sections_checks import common_limit
from tests.report import monitored
from tests.report.pages import accessible, inert

OURS = {"state", "verdict", "from", "to", "at"}


@pytest.mark.parametrize("count", [1, 2, 30, 200])
def test_the_course_over_time(count: int) -> None:
    text = render_drift(monitored.drift(history=monitored.history(count, 1)))
    page = inert(text)
    accessible(page)
    assert ("Share of features that drifted." in page.words) == (count > 1)
    if count == 200:
        assert "and 170 more checks" in page.words


def test_checks_of_the_same_second_can_be_drawn() -> None:
    twice = [one | {"at": monitored.moment()} for one in monitored.history(2)]
    assert "Share of features that drifted." in inert(render_drift(monitored.drift(history=twice))).words


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("s", None),
        ("sd", None),
        ("dsd", None),
        ("sdd", (1, 2)),
        ("sdnd", (2, 2)),
        ("ddd", (2, 3)),
        ("dn", None),
        ("", None),
    ],
)
def test_since_when_a_state_holds(states: str, expected: Any) -> None:
    named = {"s": "stable", "d": "drifted", "n": "not-enough-traffic"}
    checks: Any = [
        {"state": named[one], "at": monitored.moment(len(states) - 1 - place)} for place, one in enumerate(states)
    ]
    found = since(checks)
    assert (found and (found["at"], found["checks"])) == (
        expected and (monitored.moment(expected[0])[:16].replace("T", " "), expected[1])
    )


def test_a_drift_that_just_began_says_so() -> None:
    assert "The check before this one had not found it." in facts(monitored.drift(history=monitored.history(5, 1)))


def test_one_line_stands_for_a_limit_that_all_have_and_for_no_other() -> None:
    one, same, other = (cast("Finding", monitored.number(name)) for name in "abc")
    assert common_limit([one, same]) == monitored.THRESHOLD
    other["threshold"] = 0.2
    assert common_limit([one, other]) is None
    assert common_limit([]) is None


def test_the_page_says_what_an_estimate_is_made_of() -> None:
    of_numbers = monitored.estimate() | {"method": "error-size"}
    page = inert(render_drift(monitored.drift(estimate=of_numbers, history=[])))
    assert "Estimated without labels: from how large the errors were" in page.words
    assert "how confident the answers are" not in page.words
