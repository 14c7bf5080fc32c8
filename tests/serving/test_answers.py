"""Answers in the user's words, in the three formats, from every form the algorithm's answer may take."""

import json

import numpy as np
import pytest

from jobs.serving.answers import CSV, JSON, JSONLINES, chosen_format, read_scores, write_answers
from jobs.serving.rows import Refused

CLASSES = ["no", 'say "yes", {now}']


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("0.25\n0.75\n", "text/csv"),
        (b"0.25,0.75", "text/csv; charset=utf-8"),
        ('{"predictions": [{"score": 0.25}, {"score": 0.75}]}', "application/json"),
        ('{"score": 0.25}\n{"score": 0.75}\n', "application/jsonlines"),
    ],
)
def test_scores_are_read_from_every_form(data: str | bytes, content_type: str) -> None:
    assert read_scores(data, content_type, 1).tolist() == [[0.25], [0.75]]


def test_probabilities_of_several_classes() -> None:
    expected = [[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]
    assert read_scores("0.1,0.2,0.7\n0.5,0.25,0.25\n", CSV, 3).tolist() == expected
    assert read_scores("[0.1,0.2,0.7,0.5,0.25,0.25]", CSV, 3).tolist() == expected
    assert read_scores(json.dumps({"predictions": [{"score": row} for row in expected]}), JSON, 3).tolist() == expected


def test_a_model_without_probabilities_is_named() -> None:
    with pytest.raises(ValueError, match="multi:softprob"):
        read_scores("2.0\n1.0\n", CSV, 3)


def test_labels_are_the_users_own_words_however_awkward() -> None:
    scores = np.array([[0.25], [0.75], [0.5]])
    assert write_answers(scores, CLASSES, CSV).splitlines() == [
        "no,0.75,0.25", '"say ""yes"", {now}",0.25,0.75', "no,0.5,0.5",
    ]  # fmt: skip
    expected = {"label": CLASSES[1], "probabilities": {"no": 0.25, CLASSES[1]: 0.75}}
    assert json.loads(write_answers(scores, CLASSES, JSONLINES).splitlines()[1]) == expected
    assert json.loads(write_answers(scores, CLASSES, JSON))["predictions"][1] == expected


def test_regression_is_a_bare_number() -> None:
    scores = np.array([[3.5], [-1e-7]])
    assert write_answers(scores, None, CSV) == "3.5\n-1e-07\n"
    assert json.loads(write_answers(scores, None, JSON)) == {
        "predictions": [{"prediction": 3.5}, {"prediction": -1e-7}]
    }


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, CSV),
        ("*/*", CSV),
        ("", CSV),
        ("application/json", JSON),
        ("text/html, application/jsonlines;q=0.9", JSONLINES),
    ],
)
def test_the_format_follows_accept(accept: str | None, media: str) -> None:
    assert chosen_format(accept) == media


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(Refused, match="ask for text/csv") as raised:
        chosen_format("text/html")
    assert raised.value.status == 406
