"""The page of a drift check: the verdict in words, worst first, inert whatever the names, small whatever the number."""

import copy
import re
import time
from typing import Any

import pytest

from jobs.report import words
from jobs.report.drift_page import render_drift
from jobs.report.drift_table import MOST_OPEN
from jobs.report.drift_verdict import sentence
from tests.report import monitored
from tests.report.pages import EVIL, Page, accessible, inert
from tests.report.real_findings import real_features

OURS = {"state", "verdict", "from", "to", "at"}
NAMED = {"scores", "metrics", "estimated"}


def poisoned(value: Any, key: str = "") -> Any:
    """The document with HTML in every string that a person or a column may have named, and in many that none may."""
    if isinstance(value, dict):
        inside = {name: poisoned(one, name) for name, one in value.items()}
        return {EVIL + name: one for name, one in inside.items()} if key in NAMED else inside
    if isinstance(value, list):
        return [poisoned(one, key) for one in value]
    return EVIL + value if isinstance(value, str) and key not in OURS else value


def column_names(page: str) -> list[str]:
    """Of the rows of the table of columns, in its order."""
    return re.findall(r'<tr><th scope="row">([^<]*) <span class="note">[^<]*</span></th><td>', page)


def test_a_check_with_drift_says_everything() -> None:
    document = monitored.drift()
    text = render_drift(document)
    page = inert(text)
    accessible(page)
    for part in (
        "4 of 8 features differ from what the model learned from, and so do the model's answers: age, plan, income,",
        "Drifted since 2026-11-19 10:00 UTC, in 4 checks in a row.",
        "1,200 rows in 1,100 records of 24 files, 2026-11-21 10:00 to 2026-11-22 09:45 UTC",
        "1 feature could not be compared; each says why below.",
        "no longer distributed as they were",
        "A loss is certain. F1 is estimated at 0.74",
        "0.7200 to 0.7600",
        "All answers are the same class.",
        "median 44.9 -> 50.7, +0.48 standard deviations",
        "↑ higher",
        "1.2 % → 9.8 %",
        "Atlantis",
        "All values are missing in this traffic.",
        "3 records are cut off",
        "3 records of SageRelay's own evaluation, 12 records of a drill",
        "p-value below 0.00016",
        "significance of 0.01, divided by the 63 tests",
        "score of at least 0.05",
    ):
        assert part in page.words, part
    age = document["features"][0]
    assert f"{words.number(age['score'])} of {words.number(age['threshold'])}" in page.words
    assert words.number(age["measures"]["psi"]) in page.words


def test_the_verdict_stands_before_all_figures() -> None:
    tags = [tag for tag, _ in Page(render_drift(monitored.drift())).tags]
    assert tags.index("section") < tags.index("table")
    assert tags.index("section") < tags.index("svg")


def test_one_table_has_all_columns_worst_first_and_their_measures_are_folded() -> None:
    found = monitored.features()
    text = render_drift(monitored.drift(features=found[::-1], drifted=["plan", "age", "country", "income"]))
    assert column_names(text)[:4] == ["plan", "age", "country", "income"]
    assert column_names(text)[4:8] == ["visits", "tenure", "region", "signup"]
    assert text.index("<table") < text.index(">plan <") < text.index("Picture and measures")
    assert text.count("Population stability index") == len(re.findall(r"<details><summary>Picture", text)) - 1
    shut = re.sub(r"<details.*?</details>\s*(?=</td>)", "", text, flags=re.DOTALL)
    assert "Population stability index" not in shut


def test_the_two_distributions_are_drawn_over_each_other_from_the_bins() -> None:
    labels = ["1 – 2", "2 – 3", "3 – 4"]
    bins = {"labels": labels, "baseline": [0.5, 0.25, 0.25], "current": [0.25, 0.25, 0.5]}
    drawn = render_drift(monitored.drift(features=[monitored.number("age", 0.5, bins=bins)], predictions=[]))
    assert 'class="baseline" d="M0 100V0.0H1V50.0H2V50.0H3V100Z"' in drawn
    assert 'class="current" d="M0 100V50.0H1V50.0H2V0.0H3V100"' in drawn
    assert all(f">{label}</th>" in drawn for label in labels)


def test_words_are_bars_and_those_that_changed_most_are_shown() -> None:
    shares = {f"word {place}": (0.04, 0.04) for place in range(25)} | {"grown": (0.0, 0.2), "gone": (0.2, 0.0)}
    text = render_drift(monitored.drift(features=[monitored.words_of("plan", shares)], predictions=[]))
    drawn = re.findall(r'class="label">(.*?)<', text)
    assert len(drawn) == 10
    assert {"grown", "gone"} < set(drawn)
    assert "17 more changed less" in Page(text).words
    assert 'style="width:100.0%"' in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"features": [monitored.number("age", 0.5)], "predictions": []}, "1 of 1 feature differs from what the model"),
        ({"features": [monitored.number("age")]}, "The model's answers have drifted, but not the one feature."),
        ({"features": monitored.features()[4:7]}, "The model's answers have drifted, but not one of the 3 features."),
        (
            {"features": monitored.features()[4:7], "predictions": [], "state": "stable"},
            "Nothing differs both certainly and by much: not one of the 3 features.",
        ),
        (
            {"features": [*monitored.features()[4:7], monitored.undefined("signup")], "state": "stable"},
            "not one of the 3 features that could be compared and not the model's answers.",
        ),
        ({"features": [], "predictions": [], "state": "stable"}, "by much: not a feature."),
        (
            {"features": [monitored.undefined("a")]},
            "The model's answers have drifted, but not a feature, for none could be.",
        ),
        (
            {"features": [monitored.number(f"f{place}", 1) for place in range(7)], "predictions": []},
            "7 of 7 features differ from what the model learned from: f0, f1, f2, f3, f4 and 2 more.",
        ),
    ],
)
def test_the_verdict_in_one_sentence(changed: Any, said: str) -> None:
    document = monitored.drift(**changed)
    assert said in sentence(document)
    assert sentence(document) in inert(render_drift(document)).words


def test_too_little_traffic_is_never_no_drift() -> None:
    page = inert(render_drift(monitored.too_few()))
    accessible(page)
    assert "40 rows were recorded, and a check needs 100." in page.words
    assert "not the same as no drift" in page.words
    assert "No feature drifted" not in page.words
    assert 'class="stable"' not in render_drift(monitored.too_few())
    assert "This is the first check of this model." in page.words
    assert "p-value below the significance of 0.01, divided by the number of tests" in page.words
    one = monitored.too_few()
    one["window"]["rows"] = 1
    assert "1 row was recorded" in sentence(one)


def test_a_stable_check_shows_what_came_nearest_and_no_alarm() -> None:
    quiet = monitored.drift(
        state="stable", features=monitored.features()[4:], predictions=[], estimate=monitored.estimate("none")
    )
    text = render_drift(quiet)
    page = inert(text)
    assert "No feature drifted. Those nearest to it stand first." in page.words
    assert "No loss in F1 is to be seen." in page.words
    assert column_names(text)[:3] == ["visits", "tenure", "region"]
    assert "Since (UTC)" not in page.words


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (None, "How well the model does is not known. It was not estimated."),
        (monitored.estimate(None), "How well the model does is not known. F1 is estimated"),
        (monitored.estimate("possible"), "A loss is possible."),
        (
            {"loss": None, "metrics": {}, "metric": "r2", "undefined": "A regression needs labels."},
            "A regression needs labels.",
        ),
    ],
)
def test_what_is_not_known_of_the_loss_is_said(estimate: Any, said: str) -> None:
    assert said in inert(render_drift(monitored.drift(estimate=estimate))).words


def test_a_regression_has_one_answer_and_a_drill_says_so() -> None:
    drill = monitored.drift(drill="d1f3", predictions=[monitored.number("prediction", 0.4)], estimate=None, history=[])
    page = inert(render_drift(drill))
    accessible(page)
    assert "It says nothing about your data." in page.words
    assert "It says nothing about your data." not in inert(render_drift(monitored.drift())).words
    assert page.words.count("Picture and measures of") == 1 + 8


def test_features_without_figures_do_not_break_the_page() -> None:
    bare = monitored.undefined("a") | {"bins": None}
    empty = monitored.number("b", 0.5, bins={"labels": [], "baseline": [], "current": []})
    zeros = monitored.number("c", 0.5, bins={"labels": ["1", "2", "3"], "baseline": [0.0] * 3, "current": [0.0] * 3})
    absent = monitored.number("d", 0.5, bins=None, measures=None, p_value=0.0)
    page = inert(
        render_drift(monitored.drift(features=[bare, empty, zeros, absent], predictions=[monitored.undefined("p")]))
    )
    assert "There are no values to draw." in page.words
    assert "< 1e-300" in page.words
    assert "The answers could not be compared." in page.words


def test_html_in_any_name_is_inert() -> None:
    document = poisoned(monitored.drift(drill="d"))
    page = inert(render_drift(document))
    assert page.text.count(EVIL) > 60
    accessible(page)


def test_pictures_follow_the_theme_and_hold_no_words_of_the_user() -> None:
    document = monitored.drift()
    pictures = re.findall(r"<svg.*?</svg>", render_drift(document), re.DOTALL)
    assert len(pictures) == 3 + 2 * (len(document["features"]) - 1 + len(document["predictions"])) - 4
    for svg in pictures:
        assert "#000000" not in svg
        assert not re.search(r"#0[0-9a-f]0[0-9a-f]0[0-9a-f]", svg)
        assert not any(one["name"] in svg for one in document["features"])


def test_three_hundred_features_stay_small_and_quick() -> None:
    found = [
        monitored.number(f"column {place} " + "y" * 2_000, 0.3 if place < 40 else 0.0, seed=place)
        for place in range(300)
    ]
    document = monitored.drift(features=found, history=monitored.history(200))
    began = time.process_time()
    text = render_drift(document)
    assert time.process_time() - began < 3
    assert len(text.encode()) < 1_000_000
    page = inert(text)
    assert page.words.count("Picture and measures of") == MOST_OPEN + len(document["predictions"])
    assert "260 more: 260 without drift" in page.words
    assert len(column_names(text)) == 300 + len(document["predictions"])


def test_two_thousand_columns_are_capped_saying_how_many_more() -> None:
    one = monitored.number("x")
    found = [one | {"name": f"column {place}"} for place in range(2_000)]
    text = render_drift(monitored.drift(features=found, state="stable"))
    assert len(text.encode()) < 2_000_000
    assert "and 1,588 more; all are in drift.json" in Page(text).words


def test_the_document_is_left_as_it_was() -> None:
    document = monitored.drift()
    before = copy.deepcopy(document)
    render_drift(document)
    assert document == before


def test_what_the_check_itself_finds_is_a_page() -> None:
    found = real_features()
    drifted = [one["name"] for one in found if one["verdict"] == "drifted"]
    assert {"age", "income", "height", "plan", "signed"} <= set(drifted)
    assert {"stable", "undefined"} <= {one["verdict"] for one in found}
    text = render_drift(monitored.drift(features=found))
    page = inert(text)
    accessible(page)
    assert set(column_names(text)[: len(drifted)]) == set(drifted)
    for one in found:
        assert one["name"] in page.words
        if one["verdict"] == "drifted":
            assert " ".join(one["sentence"].split()) in page.words
    assert "Rank sum (Mann–Whitney)" in page.words
