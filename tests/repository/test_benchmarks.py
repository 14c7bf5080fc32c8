"""The table of the benchmarks: figures found in what a module measured, and the verdict on each."""

import importlib
from pathlib import Path

import pytest

import benchmarks
from benchmarks.__main__ import figures, names, verdict
from benchmarks.targets import TARGETS, Target


def test_numbers_are_found_at_any_depth_and_words_left_out() -> None:
    measured = {"ratio": {"one_row": 1.6, 1000: 2}, "note": "words", "ok": True, "targets": {"one_row": 1.5}}
    assert list(figures(measured)) == [("ratio.one_row", 1.6), ("ratio.1000", 2.0)]


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (1.5, Target(at_most=1.2), ("at most 1.2", "missed by 25%")),
        (1.2, Target(at_most=1.2), ("at most 1.2", "met")),
        (3.0, Target(at_least=2.5), ("at least 2.5", "met")),
        (2.0, Target(at_least=2.5), ("at least 2.5", "missed by 20%")),
        (0.0, Target(at_most=0), ("at most 0", "met")),
        (3.0, Target(at_most=0), ("at most 0", "missed by 3")),
        (2.0, None, ("", "")),
    ],
)
def test_a_target_is_met_or_missed_by_how_much(value: float, target: Target | None, met: tuple[str, str]) -> None:
    assert verdict(value, target) == met


def test_every_target_belongs_to_a_benchmark() -> None:
    assert {figure.partition(".")[0] for figure in TARGETS} <= set(names())


def test_each_can_be_imported_without_what_only_its_run_needs() -> None:
    home = Path(benchmarks.__path__[0])
    modules = [path.relative_to(home.parent).with_suffix("") for path in home.rglob("*.py") if path.stem[0] != "_"]
    assert len(modules) > 50
    for module in modules:
        importlib.import_module(".".join(module.parts))
