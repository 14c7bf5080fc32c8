"""Is the verdict right? Seeded checks of 20 features: false alarms at every window, and what is found and named.

`python -m benchmarks drift_checks` prints the tables of docs/drift.md and takes some six minutes on two cores;
`python -m benchmarks.drift_checks 1` makes four times as many checks, and `… 0.25 ours` leaves the tools out. Ours is
run on tables of all families mixed, on 20 features of each family alone, and on the everyday table beside Evidently,
NannyML and scipy with their defaults, all on the very same seeded rows. The slow tools get fewer checks, as many as fit
a square's seconds; every share stands with its number of checks and an exact 95 % interval. What the squares are is
decided in benchmarks/made_up/suite.py; here they are run and printed.
"""

import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from scipy.stats import binomtest

from benchmarks import peers
from benchmarks.made_up import suite
from benchmarks.made_up.checks import Cell, Outcome, run
from benchmarks.made_up.suite import Square

Answered = dict[str, list[tuple[Square, Outcome]]]

BY_CHANCE = 0.001


def measure(scale: float = 0.25, tools: tuple[str, ...] = peers.TOOLS) -> dict[str, Any]:
    """The shares of each kind, for the table of targets. Prints everything; `scale` multiplies the checks."""
    started = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        theirs = {tool: pool.submit(_theirs, tool, suite.side_by_side(tool)) for tool in tools}
        ours = {name: _submitted(pool, squares, scale) for name, squares in suite.OURS.items()}
        answered = {name: [(square, future.result()) for square, future in made] for name, made in ours.items()}
        peer_answers = {tool: future.result() for tool, future in theirs.items()}
    for name, title in suite.TITLES.items():
        _print_ours(title, answered[name])
    _print_side_by_side({"ours": answered["side_by_side"], **peer_answers})
    print(f"\n{time.perf_counter() - started:.0f} s", file=sys.stderr)
    return _summary(answered)


def _submitted(pool: Executor, squares: list[Square], scale: float) -> list[tuple[Square, "Future[Outcome]"]]:
    made = [(square, pool.submit(_ours, _scaled(square.cell, scale))) for square in squares]
    for square, future in made:
        future.add_done_callback(partial(_tell, square))
    return made


def _tell(square: Square, done: "Future[Outcome]") -> None:
    """Minutes pass: somebody is waiting."""
    found = done.result()
    print(f"  {square.row}, {square.column}: {_hits(square, found)} of {found.checks}", file=sys.stderr, flush=True)


def _scaled(cell: Cell, scale: float) -> Cell:
    return replace(cell, checks=max(1, round(cell.checks * scale)))


def _ours(cell: Cell) -> Outcome:
    from benchmarks.made_up.ours import judge

    return run(cell, judge)


def _theirs(tool: str, squares: list[Square]) -> list[tuple[Square, Outcome]]:
    asked = peers.ask({"tool": tool, "cells": [square.cell.written() for square in squares]})
    return [(square, Outcome(**outcome)) for square, outcome in zip(squares, asked, strict=True)]


def share(hits: int, checks: int) -> str:
    """A share with its exact binomial interval.

    >>> share(2, 100)
    '2.0 % (0.2 to 7.0, n 100)'
    """
    interval = binomtest(hits, checks).proportion_ci(0.95)
    return f"{hits / checks:.1%} ({100 * interval.low:.1f} to {100 * interval.high:.1f}, n {checks})".replace("%", " %")


def _hits(square: Square, outcome: Outcome) -> int:
    return outcome.named if square.wanted else outcome.raised


def _print_ours(title: str, answers: list[tuple[Square, Outcome]]) -> None:
    rows = list(dict.fromkeys(square.row for square, _ in answers))
    columns = list(dict.fromkeys(square.column for square, _ in answers))
    cells = {(square.row, square.column): share(_hits(square, found), found.checks) for square, found in answers}
    _print_table(title, columns, {row: [cells.get((row, column), "") for column in columns] for row in rows})


def _print_side_by_side(answers: Answered) -> None:
    rows = list(dict.fromkeys(square.row for square, _ in answers["ours"]))
    cells = {
        (square.row, tool): share(_hits(square, found), found.checks)
        for tool, found_by in answers.items()
        for square, found in found_by
    }
    _print_table(
        suite.SIDE_BY_SIDE, list(answers), {row: [cells.get((row, tool), "") for tool in answers] for row in rows}
    )


def _print_table(title: str, columns: list[str], rows: dict[str, list[str]]) -> None:
    print(f"\n{title}\n\n| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


def _summary(answered: Answered) -> dict[str, Any]:
    """All squares of a kind together, and those that break the promise of at most 5 % raised or at least 95 % found.

    The worst of a hundred squares of a few checks each is mostly bad luck: a square counts as broken when chance makes
    its figure, or a worse one, of a kept promise less than once in a thousand times.
    """
    squares = [pair for answers in answered.values() for pair in answers]
    quiet = [found for square, found in squares if not square.wanted]
    found = [found for square, found in squares if square.wanted]
    return {
        "share_of_false_alarms": sum(one.raised for one in quiet) / sum(one.checks for one in quiet),
        "checks_without_drift": sum(one.checks for one in quiet),
        "share_found": sum(one.named for one in found) / sum(one.checks for one in found),
        "checks_with_a_change": sum(one.checks for one in found),
        "squares": len(squares),
        "squares_that_break_the_promise": sum(
            binomtest(one.raised, one.checks, 0.05, alternative="greater").pvalue < BY_CHANCE for one in quiet
        )
        + sum(binomtest(one.named, one.checks, 0.95, alternative="less").pvalue < BY_CHANCE for one in found),
    }


if __name__ == "__main__":
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 0.25
    print(measure(wanted, () if sys.argv[2:] == ["ours"] else peers.TOOLS))
