"""The benchmark of models measures what it says: same rows for all, one loss, nothing counted that was not measured."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.models.__main__ import ENTRANTS_OF, main
from benchmarks.models.entrants import ENTRANTS, OURS
from benchmarks.models.losses import scores
from benchmarks.models.results import Results, Run
from benchmarks.models.rounds import Order, measure, missing_of
from benchmarks.models.runners.asking import read as asked_with
from benchmarks.models.runners.frames import Columns, word_columns
from benchmarks.models.runs import answered, read
from benchmarks.models.sets import BINARY, DataSet, of_folder
from benchmarks.models.splits import FEW, GIVEN, Pair, pair
from benchmarks.models.targets import TARGETS
from tests.repository.modules import ROOT

HERE = ROOT / "benchmarks" / "models"


def frame(rows: int, seed: int = 0) -> pd.DataFrame:
    """Two numbers and a word that say something, and a code with leading zeros."""
    random = np.random.default_rng(seed)
    first, second = random.normal(size=(2, rows))
    word = random.choice(["red", "green"], rows)
    yes = first + second + 2 * (word == "red") + random.normal(size=rows) > 1
    codes = [f"{code:04d}" for code in random.integers(0, 9, rows)]
    return pd.DataFrame(
        {"first": first, "second": second, "word": word, "code": codes, "bought": np.where(yes, "yes", "no")}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    frame(300).to_csv(tmp_path / "shop.train.csv", index=False)
    frame(100, seed=1).to_csv(tmp_path / "shop.test.csv", index=False)
    (tmp_path / "alone.train.csv").write_text("a,b\n1,2\n")
    return tmp_path


def shop(folder: Path) -> DataSet:
    (found,) = of_folder(folder, {"shop": "bought"})
    return found


def cells(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str)


def run(entrant: str, loss: float, name: str = "shop", split: int = 0, **others: float) -> Run:
    return Run(name, split, entrant, task=BINARY, seconds=20, scores={"loss": loss, **others})


def results(tmp_path: Path, *runs: Run) -> Results:
    found = Results(tmp_path / "results.jsonl")
    for one in runs:
        found.add(one)
    return found


def test_a_folder_has_a_set_for_every_pair_of_files(folder: Path) -> None:
    found = shop(folder)
    assert (found.name, found.task, found.target, found.given) == ("shop", BINARY, "bought", 300)
    with pytest.raises(LookupError, match="--target shop=COLUMN"):
        list(of_folder(folder, {}))
    assert list(of_folder(folder, {}, ["another"])) == []


def test_a_split_parts_the_rows_and_keeps_shares_and_cells(folder: Path, tmp_path: Path) -> None:
    found = pair(shop(folder), 0, tmp_path / "split")
    train, test = cells(found.train), cells(found.test)
    assert (len(train), len(test), found.classes) == (300, 100, ("no", "yes"))
    whole = pd.concat([cells(folder / "shop.train.csv"), cells(folder / "shop.test.csv")])
    both = pd.concat([train, test])
    assert sorted(map(tuple, both.to_numpy())) == sorted(map(tuple, whole.to_numpy()))
    share = (whole.bought == "yes").mean()
    assert abs((train.bought == "yes").mean() - share) < 0.01
    assert abs((test.bought == "yes").mean() - share) < 0.01
    assert train.code.str.len().eq(4).all()
    assert found.truth.tolist() == [int(word == "yes") for word in test.bought]


def test_a_split_follows_from_its_number(folder: Path, tmp_path: Path) -> None:
    texts = [pair(shop(folder), number, tmp_path / str(turn)).test.read_text() for turn, number in enumerate((0, 0, 1))]
    assert texts[0] == texts[1] != texts[2]


def test_the_given_pair_is_the_files_as_they_are(folder: Path, tmp_path: Path) -> None:
    found = pair(shop(folder), GIVEN, tmp_path / "split")
    assert cells(found.train).equals(cells(folder / "shop.train.csv"))
    assert cells(found.test).equals(cells(folder / "shop.test.csv"))


def test_a_draw_trains_on_few_rows_and_tests_on_others(folder: Path, tmp_path: Path) -> None:
    found = pair(shop(folder), 3, tmp_path / "split", few=True)
    train, test = cells(found.train), cells(found.test)
    assert (len(train), len(test)) == (FEW, 200)
    assert not set(map(tuple, train.to_numpy())) & set(map(tuple, test.to_numpy()))


def question(found: Pair, answers: Path) -> dict[str, object]:
    return {
        "train": str(found.train),
        "test": str(found.test),
        "target": found.of.target,
        "task": found.of.task,
        "classes": list(found.classes),
        "cores": 1,
        "answers": str(answers),
    }


def test_a_runner_answers_every_test_row(folder: Path, tmp_path: Path) -> None:
    """The linear model's runner needs nothing that the project has not."""
    found = pair(shop(folder), 0, tmp_path / "split")
    cost = answered(Path(sys.executable), "linear", question(found, tmp_path / "answers"))
    told = scores(found.truth, read(tmp_path / "answers", 2))
    assert told["loss"] < 0.55
    assert told["auc"] > 0.8
    assert cost["seconds"] > 0
    assert cost["cpu_seconds"] > 0
    assert cost["peak_mb"] > 20
    assert set(cost["predict_ms"]) == set(cost["predict_cpu_ms"]) == {"1", "1000"}


def test_ours_is_asked_with_numbers_as_its_endpoint_takes_them(tmp_path: Path) -> None:
    """People's files have percent signs, which requests have not."""
    columns = [
        {"name": "share", "kind": "numeric", "used": True},
        {"name": "word", "kind": "categorical", "used": True, "categories": ["a", "b"]},
        {"name": "bought", "kind": "categorical", "used": True},
    ]
    schema = {"columns": columns, "target": "bought", "task": "binary", "classes": ["no", "yes"], "run": "run"}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    test = tmp_path / "test.csv"
    test.write_text("share,bought,word\n10%,no,a\n,yes,b\n2.5%,no,\n")
    names, rows = asked_with(test, tmp_path)
    assert sorted(zip(names, zip(*rows, strict=True), strict=True)) == [
        ("share", ("10", None, "2.5")),
        ("word", ("a", "b", None)),
    ]


def test_a_runner_that_fails_says_why(folder: Path, tmp_path: Path) -> None:
    found = pair(shop(folder), 0, tmp_path / "split")
    asked = question(found, tmp_path / "answers") | {"target": "nothing"}
    with pytest.raises(RuntimeError, match="nothing"):
        answered(Path(sys.executable), "linear", asked)


def test_answers_with_a_gap_have_no_loss() -> None:
    with pytest.raises(ValueError, match="not every test row"):
        scores(np.array([0.5, 1.5]), np.array([0.5, np.nan]))
    with pytest.raises(ValueError, match="not every test row"):
        scores(np.array([0, 1]), np.array([[0.5, 0.5]]))


def test_columns_are_typed_by_the_training_rows_alone() -> None:
    train = pd.DataFrame({"n": [1, 2], "day": ["2024-01-01", "2024-02-03"], "word": ["a", None]})
    columns = Columns.of(train)
    typed = columns.typed(pd.DataFrame({"n": ["x"], "day": ["2024-01-06"], "word": ["b"]}))
    assert typed.isna().iloc[0].to_dict() | {"c1_days": False} == {
        "c0": True,
        "c1_days": False,
        "c1_weekday": False,
        "c1_hour": False,
        "c1_month": False,
        "c2": True,
    }
    assert typed.c1_weekday.tolist() == [5]
    assert word_columns(typed) == ["c2"]


def test_results_are_taken_up_again_and_the_last_counts(tmp_path: Path) -> None:
    kept = results(tmp_path, run(OURS, 0.5), run(OURS, 0.4), run("linear", 0.6))
    kept.add_figures("million", {"wall_ratio": 2.0})
    read = Results.read(kept.path)
    assert read.runs == kept.runs
    assert read.runs["shop", 0, OURS, False].scores == {"loss": 0.4}
    assert read.others == {"million": {"wall_ratio": 2.0}}


def test_only_what_lacks_is_measured_and_ours_first(folder: Path, tmp_path: Path) -> None:
    order = Order([shop(folder)], [0], ["flaml", "linear", "platt", OURS], 1, None)
    failed = replace(run("linear", 1.0), failed="it broke")
    known = results(tmp_path, run("platt", 0.5), failed)
    assert list(missing_of(order, known, "shop", 0)) == [OURS, "flaml", "linear"]
    again = replace(order, again=frozenset({"platt"}))
    assert list(missing_of(again, known, "shop", 0)) == [OURS, "flaml", "linear", "platt"]


def test_who_has_a_limit_is_not_run_before_ours(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGERELAY_BENCHMARKS", str(tmp_path / "cache"))
    known = results(tmp_path, replace(run(OURS, 1.0), failed="it broke"))
    with pytest.raises(LookupError, match="flaml gets the seconds that ours took"):
        measure(Order([shop(folder)], [0], ["flaml"], 1, None), known)


def test_limits_are_the_seconds_of_ours_and_can_be_stretched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGERELAY_BENCHMARKS", str(tmp_path / "cache"))
    limits = []

    def noted(name: str, _: Pair, __: int, limit: float | None, ___: object) -> Run:
        limits.append(limit)
        return run(name, 0.5)

    monkeypatch.setattr("benchmarks.models.rounds.run", noted)
    order = Order([shop(folder)], [0], ["flaml"], 1, None)
    measure(order, results(tmp_path, run(OURS, 1.0)))
    measure(replace(order, stretch=2.5, again=frozenset({"flaml"})), results(tmp_path, run(OURS, 1.0)))
    assert limits == [20, 50]


def test_a_measurement_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = results(tmp_path, run(OURS, 0.4), run("flaml", 0.5))
    main(["table", "--results", str(kept.path)])
    assert "| flaml.share_won | 1 |  |  |" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="nobody is called somebody"):
        main(["loss", "--peers", "somebody"])


def test_every_entrant_has_its_runner_and_its_environment() -> None:
    for entrant in ENTRANTS.values():
        assert (HERE / "runners" / f"{entrant.runner}.py").exists()
        if entrant.environment:
            lines = (HERE / "environments" / f"{entrant.environment}.txt").read_text().splitlines()
            asked = [line.partition(";")[0] for line in lines if line and not line.startswith("#")]
            assert all("==" in line for line in asked)
    assert {name for names in ENTRANTS_OF.values() for name in names} == set(ENTRANTS)
    assert all(target.at_most is not None or target.at_least is not None for target in TARGETS.values())


def test_a_line_of_results_is_one_line_of_json(tmp_path: Path) -> None:
    kept = results(tmp_path, replace(run(OURS, 1.0), failed="first\nsecond"))
    (line,) = kept.path.read_text().splitlines()
    assert json.loads(line)["failed"] == "first\nsecond"
