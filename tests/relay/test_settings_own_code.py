"""relay.yaml's `algorithm` as a mapping or a list: what is stored of it, and the sentence for each mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.algorithms import BUILT_IN, UnknownAlgorithmError, called
from chalicelib.settings.defaults import filled
from chalicelib.settings.fingerprints import of
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from tests.algorithms.nearest.relay import Nearest

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1"


class Own(Nearest):
    """Stands for code of a user's own: it is made of its mapping."""

    def __init__(self, chosen: Any) -> None:
        self.chosen = chosen


OFFERED = replace(BUILT_IN, own={"script": Own, "image": Own})
NONE = replace(BUILT_IN, own={})
QUIET = "\ntuning: {ranges: {shrink: {min: 0.1, max: 0.2}}}"


def stored(text: str) -> Any:
    return read_settings(text + QUIET, OFFERED).as_stored()["algorithm"]


def test_a_mapping_is_stored_with_its_defaults_and_an_algorithm_is_made_of_it() -> None:
    chosen = stored("algorithm: {script: train.py, metrics: {lift: 'lift=(.+)'}, maximize: [lift]}")
    assert chosen == {
        "script": "train.py",
        "image": "scikit-learn",
        "columns": "encoded",
        "metrics": {"lift": "lift=(.+)"},
        "minimize": [],
        "maximize": ["lift"],
    }
    made = OFFERED.of({"algorithm": chosen})
    assert isinstance(made, Own)
    assert made.chosen == chosen
    assert filled({"algorithm": chosen})["algorithm"] == chosen
    assert stored(f"algorithm: {{image: '{URI}'}}")["content_type"] == "text/csv"


def test_a_default_that_is_written_out_is_no_news_and_another_expression_is() -> None:
    def fingerprint(text: str) -> Any:
        read = read_settings(text + QUIET, OFFERED)
        return of("", read.as_stored(), read.model_dump(mode="json", exclude_unset=True))

    first = fingerprint("algorithm: {script: train.py}")
    assert first.same_model(fingerprint("algorithm: {columns: encoded, script: train.py}"))
    assert not first.same_model(fingerprint("algorithm: {script: train.py, image: xgboost}"))
    assert not first.same_model(fingerprint("algorithm: {script: other.py}"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("autoo", "algorithm: 'autoo' is not allowed; did you mean \"auto\"? allowed: "),
        ("{scrpt: train.py}", 'algorithm.scrpt: there is no such setting; did you mean "script"?'),
        ("{}", "algorithm.script: is missing"),
        ("{script: train.py, image: sklearn}", "algorithm.image: 'sklearn' is not allowed; did you mean"),
        ("{script: ../train.py}", "algorithm.script: '../train.py' is not allowed; allowed: the name of a Python"),
        ("{script: sagerelay_x.py}", "algorithm.script: 'sagerelay_x.py' is not allowed"),
        ("{script: train.py, columns: rew}", "algorithm.columns: 'rew' is not allowed; allowed: 'encoded'"),
        ("{script: train.py, metrics: 3}", "algorithm.metrics: 3 is not allowed; allowed: `name: value` lines"),
        ("{script: train.py, metrics: {acc: 'x'}}", 'algorithm.metrics: the expression of "acc" has no group'),
        ("{script: train.py, metrics: {acc: '('}}", 'algorithm.metrics: the expression of "acc" is no regular'),
        (f"{{script: train.py, metrics: {{acc: '({'x' * 499})'}}}}", "501 characters long; SageMaker takes 1 to 500"),
        ("{script: train.py, metrics: {lift: '(.)'}}", 'algorithm: whether more or less of "lift" is better does not'),
        (
            "{script: train.py, metrics: {acc: '(.)'}, minimize: [ac]}",
            'algorithm: minimize: metrics has no "ac"; did you mean "acc"? known here: acc',
        ),
        (
            "{script: train.py, metrics: {acc: '(.)'}, minimize: [acc], maximize: [acc]}",
            "algorithm: minimize and maximize both name acc: take it out of one",
        ),
        (
            f"{{script: train.py, metrics: {{{', '.join(f'acc{n}: x' for n in range(41))}}}}}",
            "algorithm.metrics: ",
        ),
        ("{image: mine}", "algorithm.image: 'mine' is not allowed; allowed: an image in Amazon ECR, like"),
        (f"{{image: '{URI}', contenttype: x}}", 'there is no such setting; did you mean "content_type"?'),
        ("[auto, xgb]", "algorithm: 'xgb' is not allowed in a list; did you mean \"xgboost\"?"),
        ("[auto, auto]", "algorithm: a list of algorithms names at least two, and none twice"),
        ("[auto]", "algorithm: a list of algorithms names at least two, and none twice"),
    ],
)
def test_a_mistake_is_a_sentence(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(f"algorithm: {text}\nhyperparameters: {{whatever: 1}}", OFFERED)
    assert told in str(refused.value)
    assert "whatever" not in str(refused.value)  # what hangs on the algorithm cannot be judged without it


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{script: train.py}", "algorithm: an algorithm by its script is not offered yet; there are: "),
        (f"{{image: '{URI}'}}", "algorithm: an algorithm by its image is not offered yet; there are: "),
    ],
)
def test_a_form_that_is_not_offered_is_a_sentence(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(f"algorithm: {text}\nhyperparameters: {{shrink: 1}}\nsplit: {{test: 9}}\n", NONE)
    split, problem = refused.value.problems
    assert problem.startswith(told)
    assert split.startswith("split.test")


def test_stored_settings_that_another_release_understands_are_named() -> None:
    with pytest.raises(UnknownAlgorithmError, match="an algorithm by its script is not offered yet"):
        NONE.of({"algorithm": {"script": "train.py"}})
    assert called({"script": "train.py"}) == "{script: train.py}"
