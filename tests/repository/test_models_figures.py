"""The figures and tables of the models' benchmark: nothing is compared but what both have done."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.models.entrants import OURS
from benchmarks.models.figures import all_figures, calibration, few_rows, ratios
from benchmarks.models.results import Results, Run
from benchmarks.models.serving import with_ratios
from benchmarks.models.tables import document


def run(entrant: str, loss: float, name: str = "shop", split: int = 0, **others: float) -> Run:
    return Run(name, split, entrant, task="binary", seconds=20, scores={"loss": loss, **others})


def results(tmp_path: Path, *runs: Run) -> Results:
    found = Results(tmp_path / "results.jsonl")
    for one in runs:
        found.add(one)
    return found


def test_a_set_is_compared_with_the_best_on_the_whole_of_it() -> None:
    ours = {("a", 0): 1.0, ("a", 1): 1.0, ("b", 0): 3.0, ("c", 0): 1.0}
    first = {("a", 0): 0.5, ("a", 1): 8.0, ("b", 0): 2.0}
    second = {("a", 0): 2.0, ("a", 1): 0.5, ("b", 0): 4.0, ("c", 0): 9.0}
    found = ratios(ours, [first, second])
    assert {name: one.ratio for name, one in found.items()} == pytest.approx({"a": 1.0, "b": 1.5})
    assert {name: one.splits for name, one in found.items()} == {"a": 2, "b": 1}
    assert ratios(ours, []) == {}


def test_figures_are_of_what_both_have_done(tmp_path: Path) -> None:
    found = all_figures(
        results(
            tmp_path,
            *(run(OURS, 0.4, name) for name in ("a", "b")),
            *(run(name, 0.5, "a") for name in ("lightgbm", "catboost", "histgb")),
            run("autogluon_medium", 0.8, "a"),
            run("autogluon_medium", 0.2, "b"),
            replace(run("flaml", 0.1, "a"), failed="it broke"),
        ),
        "a split 0: 0.8",
    )
    assert found["trees"] == pytest.approx({"geometric_mean": 0.8, "worst": 0.8, "share_won": 1, "sets": 1})
    assert found["autogluon_medium"] == pytest.approx({"geometric_mean": 1, "worst": 2, "share_won": 0.5, "sets": 2})
    assert found["beside"]["geometric_mean"] == pytest.approx(0.5)
    assert "flaml" not in found


def test_calibration_and_draws(tmp_path: Path) -> None:
    kept = results(
        tmp_path,
        run(OURS, 0.4, calibration_error=0.02),
        run("platt", 0.5, calibration_error=0.04),
        run("platt", 0.5, split=1, calibration_error=0.4),
        *(replace(run(OURS, 0.4, split=n, auc=0.7 + n / 10), few=True) for n in range(2)),
        *(replace(run("linear", 0.4, split=n, auc=0.7), few=True) for n in range(2)),
    )
    assert calibration(kept)["calibration"]["ratio"] == pytest.approx(0.5)
    assert few_rows(kept)["few_rows"]["least_gain_in_auc"] == pytest.approx(0.05)
    assert few_rows(kept)["few_rows"]["draws"] == 2
    told = document(kept)
    assert "| shop | 2 | 0.7500 | 0.7000 | +0.0500 | 0.0500 | 0.4000 | 0.4000 |" in told
    assert "| shop | 1 | 0.0200 | 0.0400 |" in told


def test_the_table_has_the_best_in_bold_and_every_target_a_figure(tmp_path: Path) -> None:
    told = document(results(tmp_path, run(OURS, 0.4), run("autogluon_medium", 0.5), run("flaml", 0.45)))
    assert "| shop | 1 | **0.4** | – | – | – | 0.45 | 0.5 | – | 20 |" in told
    assert "| autogluon_medium.geometric_mean | 0.8 | at most 0.99 | met |" in told
    assert document(Results(tmp_path / "none")) == ""


def test_a_row_of_losses_is_of_the_splits_that_all_in_it_have_done(tmp_path: Path) -> None:
    """A peer that did only the easiest split would look best."""
    kept = results(tmp_path, run(OURS, 0.4), run(OURS, 0.9, split=1), run("autogluon_good", 0.5))
    told = document(kept)
    assert "| shop | 1 | **0.4** | – | – | – | – | – | 0.5 | 20 |" in told
    assert "| shop | 0.800 (1) |" in told


def test_answer_times_have_the_worst_ratio_of_all_sets(tmp_path: Path) -> None:
    one = {"ours": 1.0, "one_booster": 2.0, "autogluon": 10.0}
    took = one | {f"cpu_{name}": value for name, value in one.items()}
    slow = took | {"ours": 5.0}
    found = with_ratios({"a": {"1": took, "1000": took, "trees": 7}, "b": {"1": slow, "1000": took, "trees": 1000}})
    assert found["1"] == {
        "of_autogluon": 0.5,
        "of_one_booster": 2.5,
        "cpu_of_autogluon": 0.1,
        "cpu_of_one_booster": 0.5,
    }
    kept = results(tmp_path)
    kept.add_figures("serving", found)
    assert "| b | 1,000 | 1 | 5.00 (1.00) | 2.00 (2.00) | 10.00 (10.00) |" in document(kept)
