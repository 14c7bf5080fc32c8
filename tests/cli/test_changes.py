"""Two looks at a run, and the lines they tell."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from chalicelib.names import Step
from local.cli.changes import changes
from local.cli.progress import Figure, Progress, Search, Trial, Work, seconds_inside
from local.cli.screen import LiveTeller, PlainTeller, teller
from local.mailbox import Mail

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def work(step: Step, start: float, end: float | None = None, status: str = "Completed", why: str | None = None) -> Work:
    return Work(step, f"r-1a2b3c4d-{step}-1", status, at(start), None if end is None else at(end), why)


def search(most: int, *trials: Trial, metric: str = "auc", maximize: bool = True) -> Search:
    return Search(metric, maximize, most, trials)


def trial(number: int, objective: float | None, status: str = "Completed") -> Trial:
    return Trial(f"t-{number:03}", status, objective, 2.0, {"eta": "0.250001", "max_depth": "6"})


def mail(subject: str, body: str, **attributes: str) -> Mail:
    return Mail("id", "arn", ("you@example.com",), subject, body, attributes, "2026-11-22T12:00:00+00:00")


def test_nothing_new_tells_nothing() -> None:
    seen = Progress(run="r", stage="tuning", works=(work(Step.PREPARE, 0, 3),), search=search(3))
    assert changes(seen, seen) == []


def test_a_run_is_told_in_order() -> None:
    first = Progress(run="r-1a2b3c4d", stage="preparing", works=(work(Step.PREPARE, 0, status="InProgress"),))
    second = replace(
        first, stage="tuning", works=(work(Step.PREPARE, 0, 3.2), work(Step.TUNE, 3.5, status="InProgress"))
    )
    assert changes(Progress(), first) == ["run r-1a2b3c4d", "check and prepare: started (r-1a2b3c4d-prepare-1)"]
    assert changes(first, second) == ["check and prepare: Completed after 3.2 s", "tune: started (r-1a2b3c4d-tune-1)"]


def test_a_failed_job_says_why() -> None:
    failed = Progress(run="r", works=(work(Step.PREPARE, 0, 2, "Failed", "[empty-file] jan.csv holds nothing"),))
    assert changes(Progress(run="r"), failed)[-1] == (
        "check and prepare: Failed after 2.0 s: [empty-file] jan.csv holds nothing"
    )


def test_trials_are_counted_once_and_the_best_is_marked() -> None:
    one = search(3, trial(1, 0.8), trial(2, None, "InProgress"))
    two = replace(one, trials=(trial(1, 0.8), trial(2, 0.9), trial(3, None, "Failed")))
    tune = (work(Step.TUNE, 0, status="InProgress"),)
    assert changes(Progress(works=tune), Progress(works=tune, search=one)) == [
        "  trial 1 of 3: auc 0.8000  eta=0.25 max_depth=6  best so far"
    ]
    done = (work(Step.TUNE, 0, 9),)
    assert changes(Progress(works=tune, search=one), Progress(works=done, search=two)) == [
        "  trial 2 of 3: auc 0.9000  eta=0.25 max_depth=6  best so far",
        "  trial 3 of 3: Failed  eta=0.25 max_depth=6",
        "tune: Completed after 9.0 s",
    ]


@pytest.mark.parametrize(("maximize", "best"), [(True, "t-002"), (False, "t-001")])
def test_the_best_trial_is_the_best_finished_one(*, maximize: bool, best: str) -> None:
    trials = (trial(1, 0.1), trial(2, 0.5), trial(3, None), trial(4, 0.9, "InProgress"))
    found = search(4, *trials, metric="error", maximize=maximize).best
    assert found is not None
    assert found.name == best


def test_a_trial_that_has_just_ended_waits_for_its_figure() -> None:
    tuning = (work(Step.TUNE, 0, status="InProgress"),)
    without, later = search(3, trial(1, None)), search(3, trial(1, 0.8))
    first = Progress(works=tuning, search=without)
    assert not [line for line in changes(Progress(), first) if "trial" in line]
    line = "  trial 1 of 3: auc 0.8000  eta=0.25 max_depth=6  best so far"
    assert changes(first, Progress(works=tuning, search=later)) == [line]
    ended = (work(Step.TUNE, 0, 9),)
    assert "  trial 1 of 3: Completed  eta=0.25 max_depth=6" in changes(first, Progress(works=ended, search=without))


def test_figures_stand_beside_what_they_are_measured_against() -> None:
    after = Progress(figures=(Figure("ROC AUC", 0.91, 0.5, 0.89, reach="0.9000 to 0.9200"), Figure("F1", None)))
    assert changes(Progress(), after) == [
        "  ROC AUC  0.9100 (0.9000 to 0.9200)  naive guess 0.5000  live model 0.8900",
        "  F1       –",
    ]


def test_overlapping_work_counts_once() -> None:
    works = [work(Step.PREPARE, 1, 3), work(Step.TUNE, 2, 5), work(Step.TRAIN, 7, 8)]
    assert seconds_inside(works, at(0), at(10)) == pytest.approx(5)


def test_work_outside_the_time_asked_for_does_not_count() -> None:
    works = [work(Step.LIVE, -5, 1), work(Step.TRAIN, 9, None)]
    assert seconds_inside(works, at(0), at(10)) == pytest.approx(2)


def test_a_pipe_gets_plain_lines_with_the_seconds() -> None:
    ticks = iter([0.0, 1.5, 2.5])
    out = io.StringIO()
    console = Console(file=out, width=40)
    assert isinstance(teller(console), PlainTeller)
    with PlainTeller(console, clock=lambda: next(ticks)) as telling:
        telling.look(Progress(run="r-1a2b3c4d"))
        telling.mail(mail("[red]x", "a long line that must not be wrapped by a narrow pipe\n[bold]b"))
    assert out.getvalue().splitlines() == [
        "    1.5 s  run r-1a2b3c4d",
        "    2.5 s  mail: [red]x",
        "    | a long line that must not be wrapped by a narrow pipe",
        "    | [bold]b",
    ]


def test_a_terminal_shows_stages_trials_figures_and_mails() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=True, color_system=None, legacy_windows=False)
    seen = Progress(
        run="r-1a2b3c4d",
        stage="live",
        over=True,
        works=(
            work(Step.PREPARE, 0, 3),
            work(Step.TUNE, 3, status="InProgress"),
            work(Step.TRAIN, 4, 5, "Failed", "why"),
        ),
        search=search(3, trial(1, 0.8)),
        figures=(Figure("ROC AUC", 0.91, 0.5, reach="0.9000 to 0.9200"),),
    )
    with LiveTeller(console) as telling:
        telling.look(seen)
        telling.mail(mail("live: <b>[red]", "body [bold]"))
    shown = out.getvalue()
    for part in (
        "check and prepare",
        "3.0 s",
        "1/3",
        "best auc 0.8000",
        "why",
        "0.9100 (0.9000 to 0.9200)",
        "[red]",
        "[bold]",
    ):
        assert part in shown


def test_a_narrow_terminal_cuts_the_best_trials_words_and_not_the_bar() -> None:
    out = io.StringIO()
    console = Console(file=out, width=60, force_terminal=True, color_system=None, legacy_windows=False)
    best = Trial("t-1", "Completed", 0.8, 2.0, {f"hyperparameter_{number}": "0.123" for number in range(9)})
    with LiveTeller(console) as telling:
        telling.look(
            Progress(run="r-1a2b3c4d", works=(work(Step.TUNE, 3, status="InProgress"),), search=search(3, best))
        )
    shown = out.getvalue()
    assert "trials" in shown
    assert "1/3" in shown
    assert "best auc 0.8000" in shown
