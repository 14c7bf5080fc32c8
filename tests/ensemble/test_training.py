"""A training from typed rows to what is served: it learns, it answers what it computed, and it is the same again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble.boosting import Trees, agreed, unseen
from jobs.ensemble.building import Wanted, write
from jobs.ensemble.document import EnsembleDocument
from jobs.ensemble.fitting import Library, fit_trees
from jobs.ensemble.forms import RANDOM, Family, Member
from jobs.ensemble.losses import loss, naive
from jobs.ensemble.model import Ensemble
from jobs.ensemble.training import Ended, Machine, Table, folds_of, problem_of, train
from tests.ensemble import tables

TRIALS = ({"eta": "0.2", "max_depth": "3", "num_round": "60"},)
FIXED = (
    Member(
        "xgboost", "XGBoost with defaults", {"num_round": 60, "early_stopping_rounds": 5, "eta": 0.3, "max_depth": 4}
    ),
    Member("random", "trees cut at random", {**RANDOM, "trees": 4, "leaves": 50}, family=Family.RANDOM),
    Member(
        "logarithm",
        "trees of the logarithm",
        {"num_round": 60, "early_stopping_rounds": 5, "eta": 0.2, "max_depth": 3},
        family=Family.EXPONENTIAL,
    ),
)
TASKS = ("binary", "multiclass", "regression")


def _silent(_: str) -> None:
    """Nobody listens."""


class Kept:
    """Boosters in memory, and how often each was asked for."""

    def __init__(self) -> None:
        self.models: dict[str, bytes] = {}
        self.found = 0

    def get(self, name: str) -> bytes | None:
        self.found += name in self.models
        return self.models.get(name)

    def put(self, name: str, model: bytes) -> None:
        self.models[name] = model


def trained(of: Table, kept: Kept | None = None, *, over: bool = False, nodes: int = 100_000) -> Ended:
    wanted = Wanted({"optimize": "f1", "threshold": "auto"}, 1 if of.classes == 2 else None, nodes)
    return train(of, TRIALS, wanted, Machine(7, 1), kept or Kept(), lambda: over, _silent, FIXED)


def stored(ended: Ended, of: Table, folder: Path) -> Ensemble:
    write(ended.built, folder)
    (folder / "encoder.json").write_text(ended.encoder.to_json())
    (folder / "schema.json").write_text(json.dumps(of.schema))
    return Ensemble.read(folder)


@pytest.fixture(scope="module", params=TASKS)
def begun(request: pytest.FixtureRequest) -> tuple[Table, Ended, Kept]:
    """A training at its end, and what it kept on its way."""
    of, kept = tables.table(request.param), Kept()
    return of, trained(of, kept), kept


@pytest.fixture(scope="module")
def made(begun: tuple[Table, Ended, Kept], tmp_path_factory: pytest.TempPathFactory) -> tuple[Table, Ended, Ensemble]:
    of, ended, _ = begun
    return of, ended, stored(ended, of, tmp_path_factory.mktemp("model"))


def test_it_is_better_than_a_guess_out_of_fold_and_on_new_rows(made: tuple[Table, Ended, Ensemble]) -> None:
    of, ended, model = made
    fresh = tables.table(of.schema["task"], seed=1)
    guess = np.broadcast_to(
        naive(ended.judged, of.classes), (len(ended.judged), model.margins(_matrix(model, of)).shape[1])
    )
    assert loss(ended.built.margins, ended.judged, of.classes) < 0.75 * loss(guess, ended.judged, of.classes)

    margins = (model.margins(_matrix(model, fresh)) - ended.unit.centre) / ended.unit.spread
    labels = (fresh.labels - ended.unit.centre) / ended.unit.spread
    assert loss(margins, labels, of.classes) < 0.75 * loss(guess, ended.judged, of.classes)


def test_a_request_is_answered_as_the_typed_row_is(made: tuple[Table, Ended, Ensemble]) -> None:
    of, _, model = made
    asked = model.encode(*tables.as_text(of.frame))
    np.testing.assert_allclose(asked, _matrix(model, of), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.scores(asked), model.scores(_matrix(model, of)), rtol=1e-4)


def test_the_merged_trees_answer_what_the_members_answer_together(made: tuple[Table, Ended, Ensemble]) -> None:
    of, ended, model = made
    document = ended.built.document
    assert sum(one["weight"] for one in document["members"]) == pytest.approx(1)
    assert document["nodes"] > 0
    assert {one.name for one in model.contestants} == {"naive", "linear", "xgboost", "trial", "ensemble"}
    for one in model.contestants:
        found = model.contestant_scores(one.name, _matrix(model, of))
        assert found.shape == model.scores(_matrix(model, of)).shape
        assert np.isfinite(found).all()


def test_what_the_columns_add_is_the_answer(made: tuple[Table, Ended, Ensemble]) -> None:
    of, _, model = made
    found, answers = model.contributions(_matrix(model, of)), model.margins(_matrix(model, of))
    assert found.parts.shape == (len(of.labels), answers.shape[1], len(model.input_columns))
    np.testing.assert_allclose(found.base + found.parts.sum(axis=2), answers, rtol=1e-9, atol=1e-9)
    weighty = dict(zip(model.input_columns, np.abs(found.parts).mean(axis=(0, 1)), strict=True))
    assert min(weighty["city"], weighty["plan"]) > 2 * max(weighty["noise"], weighty["member"])
    assert 0 < model.rows_explained <= 1000


def test_any_number_of_threads_gives_the_same_answers(made: tuple[Table, Ended, Ensemble]) -> None:
    of, _, model = made
    alone = model.scores(_matrix(model, of))
    model.use(2)
    np.testing.assert_array_equal(model.scores(_matrix(model, of)), alone)
    model.use(1)


def test_the_same_rows_give_the_same_model(made: tuple[Table, Ended, Ensemble]) -> None:
    of, ended, _ = made
    again = trained(of)
    assert again.built.boosters == ended.built.boosters
    assert _without_seconds(again.built.document) == _without_seconds(ended.built.document)


def test_a_stopped_training_goes_on_where_it_was_and_ends_the_same(begun: tuple[Table, Ended, Kept]) -> None:
    of, ended, until_the_end = begun
    assert until_the_end.found == 0
    half = len(until_the_end.models) // 2
    kept = Kept()
    kept.models = dict(list(until_the_end.models.items())[:half])
    again = trained(of, kept)
    assert kept.found == half
    assert again.built.boosters == ended.built.boosters


def test_at_the_end_of_its_time_it_answers_with_what_it_has_and_says_so() -> None:
    ended = trained(tables.table("binary"), over=True)
    assert {one["name"] for one in ended.built.document["members"] if one["weight"]} <= {
        "linear-0.003", "linear-0.03", "linear-0.3", "linear-3",
    }  # fmt: skip
    assert any("time" in note for note in ended.built.document["notes"])


def test_a_member_that_cannot_be_fitted_is_a_sentence() -> None:
    of = tables.table("regression")
    wanted = Wanted({"optimize": "accuracy", "threshold": "auto"}, None, 100_000)
    odd = ({"eta": "0.2", "max_depth": "3", "num_round": "20", "grow_policy": "sideways"},)
    ended = train(of, odd, wanted, Machine(7, 1), Kept(), lambda: False, _silent, FIXED)
    assert any(note.startswith("best trial could not be fitted: ") for note in ended.built.document["notes"])


def test_an_answer_walks_through_no_more_nodes_than_asked() -> None:
    of = tables.table("regression")
    free, bound = trained(of), trained(of, nodes=200)
    assert bound.built.document["nodes"] < free.built.document["nodes"]


@pytest.mark.parametrize("how", ["time", "group"])
def test_rows_that_are_kept_apart_on_purpose_stay_apart_and_are_learned_in_the_end(how: str, tmp_path: Path) -> None:
    of = tables.table("regression", how=how)
    ended = trained(of)
    assert len(ended.judged) == len(of.labels) - of.train_rows
    model = stored(ended, of, tmp_path)
    assert model.scores(_matrix(model, of)).shape == (len(of.labels), 1)


def _matrix(model: Ensemble, of: Table) -> Floats:
    return model.encode_frame(of.frame)


def _without_seconds(document: EnsembleDocument) -> str:
    text = json.loads(json.dumps(document))
    for one in (*text["members"], *text["contestants"]):
        one["seconds"] = 0
    return json.dumps(text)


def test_a_fold_is_judged_with_the_rounds_that_others_ask_for_and_answers_with_the_usual_ones() -> None:
    grown = [Trees(_booster(), rounds) for rounds in (2, 9, 5, 30)]
    assert [one.rounds for one in unseen(grown)] == [9, 5, 9, 5]
    assert [one.rounds for one in agreed(grown)] == [7, 7, 7, 7]
    assert [one.rounds for one in agreed([Trees(_booster(), 30), Trees(_booster(), 14)])] == [12, 12]
    alone = (Trees(_booster(), 3),)
    assert unseen(alone) == alone


def _booster() -> xgb.Booster:
    rows = np.arange(8, dtype=np.float32)[:, None]
    return xgb.train({"nthread": 1, "max_depth": 1}, xgb.DMatrix(rows, rows[:, 0]), 12)


def test_figures_of_few_rows_do_not_flatter() -> None:
    """Noise alone: who chose rounds by the rows that judge would do better there than who knows nothing."""
    draw = np.random.default_rng(0)
    gained = []
    for seed in range(4):
        of = tables.table("binary", rows=120, seed=seed)
        of = replace(of, labels=draw.permutation(of.labels))
        problem, library = problem_of(of, folds_of(of, 7), Machine(7, 1)), Library()
        fit_trees(problem, FIXED[:1], library, Kept(), lambda: False, _silent)
        guess = np.full((len(of.labels), 1), naive(of.labels, 2))
        gained.append(loss(guess, of.labels, 2) - library.fitted[0].loss)
    assert np.mean(gained) < 0


def test_folds_side_by_side_give_the_same_model_as_one_after_the_other() -> None:
    of, wanted = tables.table("regression", rows=80), Wanted({"optimize": "f1", "threshold": "auto"}, None, 100_000)
    one, four = (
        train(of, (), wanted, Machine(7, threads), None, lambda: False, _silent, FIXED[:0:-1]) for threads in (1, 4)
    )
    assert one.built.boosters == four.built.boosters
    assert _without_seconds(one.built.document) == _without_seconds(four.built.document)


def test_what_is_far_behind_in_the_first_fold_is_not_fitted_on_the_others_unless_it_is_compared() -> None:
    of, library, said = tables.table("binary", rows=160), Library(), list[str]()
    dull = {"num_round": 1, "early_stopping_rounds": 0, "eta": 1e-6}
    members = (FIXED[0], Member("dull", "dull trees", dull), Member("shown", "shown trees", dull, compared=True))
    kept = Kept()
    fit_trees(problem_of(of, folds_of(of, 7), Machine(7, 2)), members, library, kept, lambda: False, said.append)
    assert [one.name for one in library.fitted] == ["xgboost", "shown"]
    assert [name for name in kept.models if name.startswith("dull")] == ["dull-0"]
    assert "dull trees: left after the first fold" in said


def test_when_the_time_is_over_between_two_folds_only_whole_members_are_kept() -> None:
    of, library, kept = tables.table("binary", rows=160), Library(), Kept()
    folds = folds_of(of, 7)
    again = Member("again", "once more", FIXED[0].form)
    enough = len(folds.parts) + 2  # the first member's, the second one's first, and one
    fit_trees(
        problem_of(of, folds, Machine(7, 1)),
        (FIXED[0], again),
        library,
        kept,
        lambda: len(kept.models) > enough,
        _silent,
    )
    assert [one.name for one in library.fitted] == ["xgboost"]
    assert library.out_of_time
    assert len(kept.models) < 2 * len(folds.parts)
