"""The page's part about what the model is worth, made of documents as the evaluation writes them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jobs.report import render, sections_effects, sections_worth
from jobs.report.figures import Figures
from jobs.report.uploaded_page import render_uploaded
from tests.evaluate.trained import context_of, train, trials_of
from tests.relay.test_worth import DECISION, LEADERBOARD, PERMUTATION
from tests.report.pages import EVIL, Page, accessible, inert
from tests.report.test_report import VERDICT, evaluated


def with_gains(permutation: dict[str, Any], **gains: float) -> dict[str, Any]:
    columns = [{**one, "gain": gains.get(one["column"], 0.0) if gains else None} for one in permutation["columns"]]
    return {**permutation, "columns": columns}


@pytest.fixture(scope="module")
def made() -> Any:
    model = train("binary", rounds=3)
    return model, *evaluated(model)


def text_of(made: Any, **ours: Any) -> str:
    model, evaluation, drawn = copy.deepcopy(made)
    evaluation["sagerelay"] |= ours
    return render(context_of(), model.schema, evaluation, drawn, None)


def words_of(page: str) -> str:
    return " ".join(Page(page).text.split())


def test_the_leaderboard_is_a_table_of_all_contestants(made: Any) -> None:
    page = text_of(made, leaderboard=LEADERBOARD)

    text = words_of(page)
    for part in (
        "measured on the same 1,488 rows",
        "Naive guess 0.5000 0.4900 to 0.5100 0.5781 0.5781 to 0.5781 – 0.01 ms 0.02 ms",
        "Ensemble 0.8903 0.8803 to 0.9003 0.3602 0.3602 to 0.3602 1,240 s 3.4 ms 60 ms",
    ):
        assert part in text, part
    assert "would do" not in text
    accessible(Page(page))
    sentence = "A linear model would do: it is as good."
    assert sentence in words_of(text_of(made, leaderboard={**LEADERBOARD, "sentence": sentence}))


def test_what_an_ensemble_is_made_of_and_whose_hyperparameters_are_told(made: Any) -> None:
    text = words_of(text_of(made, leaderboard=LEADERBOARD))

    members = (
        "XGBoost as given 41.2 %, deep trees 30.0 %, linear model 15.0 %, random forest 10.0 %, shallow trees 3.8 %"
    )
    assert f"The ensemble is made of: {members}. Merged, they answer as one sum." in text
    assert "trial" not in text[text.index("What it is worth") : text.index("Merged, they")]
    assert "a member of the ensemble has those given under lineage" in text
    assert "the model was trained with those given under lineage" in words_of(text_of(made))
    model, evaluation, drawn = copy.deepcopy(made)
    evaluation["sagerelay"] |= {"leaderboard": LEADERBOARD}
    tuned = words_of(render(context_of(), model.schema, evaluation, drawn, trials_of()))
    assert f"The ensemble is made of: {members.replace('XGBoost as given', 'best trial')}." in tuned
    assert "Hyperparameters of the best trial" in tuned
    assert "Hyperparameters of the best trial" not in text


def test_an_ensemble_of_linear_models_alone_is_called_one(made: Any) -> None:
    members = [{"title": "linear model", "weight": weight} for weight in (0.8, 0.2)]
    text = words_of(text_of(made, leaderboard={**LEADERBOARD, "members": members}))
    assert "The ensemble is a linear model here: no trees have a weight in it." in text
    assert "is made of" not in text


def test_noise_is_grey_last_and_named(made: Any) -> None:
    page = text_of(made, permutation_importance=with_gains(PERMUTATION, n1=0.3, tenure=0.5, Contract=0.2))

    text = words_of(page)
    assert "How much the log loss of 0.3600 rises" in text
    assert "tenure +0.0800 50.0 %" in text
    assert "n1 +0.0030 no better than noise 30.0 %" in text
    assert text.index("charges") < text.index("n1")
    assert text.count("no better than noise") == 4 + 1
    assert page.count('<tr class="noise">') == 4
    accessible(Page(page))


def test_a_model_without_gains_has_no_column_of_them(made: Any) -> None:
    assert "Share of gain" not in text_of(made, permutation_importance=with_gains(PERMUTATION))
    assert "Share of the total gain by column" in words_of(text_of(made))  # a document of an earlier release


def test_bars_begin_at_zero_and_intervals_lie_around_their_ends() -> None:
    ours: Any = {"permutation_importance": with_gains(PERMUTATION), "importance": []}

    found = sections_worth.permutation(ours, Figures({}, "binary"))

    assert found
    for row in found["shown"]:
        start, end = row["interval"]["left"], row["interval"]["left"] + row["interval"]["width"]
        ends = {round(row["bar"]["left"], 6), round(row["bar"]["left"] + row["bar"]["width"], 6)}
        assert round(found["zero"], 6) in ends
        assert -1e-9 <= start < end <= 100 + 1e-9
        assert any(start < place < end for place in ends)
    nothing = {**PERMUTATION, "columns": [{**PERMUTATION["columns"][5], "low": 0.0, "high": 0.0, "gain": None}]}
    ours["permutation_importance"] = nothing
    assert sections_worth.permutation(ours, Figures({}, "binary"))


def test_the_threshold_and_what_it_trades_is_told(made: Any) -> None:
    text = words_of(text_of(made, decision=DECISION))

    assert "The endpoint says “malignant” from a probability of 0.31 on, chosen for F1" in text
    assert "Precision 0.5500 0.6800 Recall 0.7200 0.5000 F1 0.6200 0.5800" in text
    assert "50 %" not in text[text.index("Thresholds") : text.index("Thresholds") + 400]
    paid = {**DECISION, "optimize": "cost", "at": {**DECISION["at"], "cost": 0.21}}
    assert "Mean cost of a row 0.2100 –" in words_of(text_of(made, decision=paid))
    given = words_of(text_of(made, decision={**DECISION, "optimize": None}))
    assert "from a probability of 0.31 on, as relay.yaml has it. What that trades" in given
    assert "from a probability of 50 %" in words_of(text_of(made))


def test_a_page_of_an_uploaded_test_tells_the_threshold_too(made: Any) -> None:
    _, evaluation, drawn = copy.deepcopy(made)
    evaluation["sagerelay"] |= {
        "decision": DECISION,
        "at_promotion": {"run": "r", "rows": 9, "metric": "auc", "sentence": "Fine.", "metrics": {}},
        "uploaded": {"check": "c-test-1", "files": [], "rows": {}, "trained_on": None},
    }

    page = render_uploaded(context_of(), evaluation, drawn)

    assert "from a probability of 0.31 on" in words_of(page)


def test_names_with_html_are_inert(made: Any) -> None:
    board, permutation = copy.deepcopy((LEADERBOARD, with_gains(PERMUTATION)))
    board["entries"][0]["title"] = board["sentence"] = EVIL
    permutation["columns"][0]["column"] = EVIL

    text = text_of(made, leaderboard=board, permutation_importance=permutation, decision=DECISION)

    inert(text)
    assert text.count(VERDICT) == 1


def effects(word: str, name: str) -> dict[str, Any]:
    up = {"name": "malignant", "values": [-0.1, 0.0, 0.123], "direction": "rises", "range": 0.223}
    down = {"name": "benign", "values": [0.1, 0.0, -0.1], "direction": "falls", "range": 0.2}
    words = {"name": "malignant", "values": [-0.01, 0.09], "range": 0.1}
    return {
        "mean": {"malignant": 0.4}, "explained": False,
        "columns": [
            {"column": name, "kind": "numeric", "method": "accumulated", "at": [1900.0, 1990.0, 2020.0],
             "shares": [0.25, 0.75], "rows": 300, "curves": [up, down], "sentence": f"The higher {name}, the better."},
            {"column": "job", "kind": "categorical", "method": "partial dependence", "at": [word, None],
             "shares": [0.9, 0.1], "rows": 300, "curves": [words], "sentence": "Of job, an empty cell."},
        ],
    }  # fmt: skip


def test_columns_that_move_the_answer_are_drawn_with_where_the_rows_lie(made: Any) -> None:
    text = text_of(made, effects=effects(EVIL, EVIL))  # a name and a word that would be markup
    accessible(inert(text))
    said = words_of(text)
    for part in (
        "The higher <script>alert",
        "Word malignant Rows (empty) +9 10.0 % <script>alert",
        "−1 90.0 %",
        "in points of the probability",
        "explains no single answer of this model",
    ):
        assert part in said, part
    figure = text[text.index("The higher ") :].partition("</figure>")[0]
    for drawn in (">1900<", ">2000<", ">+10<", ">0<", ">−10<", 'stroke="var(--c1)"', 'stroke="var(--c2)"', "benign"):
        assert drawn in figure, drawn
    bars = sections_effects.picture([1900.0, 1990.0, 2020.0], [0.25, 0.75], [], points=True)["bars"]
    heights = [140 - float(part.partition("H")[0]) for part in bars.split("V")[1:4:2]]
    assert heights[1] / heights[0] == pytest.approx(9, abs=0.5)  # three times as many within a third of the years
