"""relay.yaml: what is read, and the sentence that each mistake gets."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.settings.relay_yaml import SettingsError, read_settings

GOOD = """
target: churned
positive_class: "yes"
split: {how: time, column: signup, test: 0.2}
hyperparameters: {num_round: 100, scale_pos_weight: 3.5}
tuning:
  strategy: Random
  objective: aucpr
  trials: 50
  parallel: 5
  ranges:
    eta: {min: 0.01, max: 0.3, scaling: Logarithmic}
    max_depth: {min: 2, max: 8}
instances: {train: ml.c5.2xlarge}
spot: {enabled: true}
gate: {metric: f1, minimum: 0.7, approval: manual}
endpoint: {instance: ml.t2.medium, capture_percentage: 20}
"""

MISTAKES = [
    ("tuning: {trials: 0}", ["tuning.trials: 0 is not allowed; allowed: 1 or more"]),
    ("tuning: {trials: 1.5}", ["tuning.trials: 1.5 is not allowed; allowed: a whole number"]),
    ("tuning: {trails: 3}", ['tuning.trails: there is no such setting; did you mean "trials"?']),
    ("zzz: 3", ["zzz: there is no such setting; known here: target"]),
    (
        "tuning: {strategy: bayes}",
        ["tuning.strategy: 'bayes' is not allowed; did you mean \"Bayesian\"? allowed: 'Bayesian', 'Random'"],
    ),
    ("tuning: {objective: speed}", ['tuning.objective: "speed" is not known; allowed: auto, accuracy, auc']),
    ("gate: {metric: speed}", ['gate.metric: "speed" is not known']),
    ("split: {how: time}", ['split: "how: time" needs "column"']),
    ("split: {test: 0.9}", ["split.test: 0.9 is not allowed; allowed: 0.5 or less"]),
    ("tuning: {ranges: {eta: {min: 1, max: 0.1}}}", ["tuning.ranges.eta: min 1 must be below max 0.1"]),
    ("tuning: {ranges: {eta: {min: 0, max: 1, scaling: Logarithmic}}}", ["logarithmic scaling needs min above 0"]),
    ("tuning: {ranges: {etta: {min: 0, max: 1}}}", ['no hyperparameter "etta". Did you mean "eta"?']),
    ("tuning: {ranges: {max_depth: {min: 1.5, max: 3}}}", ['"max_depth" is a whole number; 1.5 is not']),
    ("tuning: {ranges: {eta: {min: 0.1}}}", ['tuning.ranges.eta: needs "min" and "max"']),
    ("tuning: {ranges: {}}", ["nothing to tune"]),
    ("tuning: {strategy: Grid}", ['every combination of lists, and the default ranges are none: give "ranges"']),
    ("hyperparameters: {objective: 'reg:gamma'}", ['"objective" follows from "task"']),
    ("hyperparameters: {max_dept: 3}", ['Did you mean "max_depth"?']),
    ("spot: {enabled: true, max_wait_minutes: 5}", ["spot.max_wait_minutes (5) must be at least"]),
    ("instances: {train: big}", ["instances.train: 'big' is not allowed; allowed: auto, or a SageMaker instance type"]),
    ("target: yes", ['put it in quotes: "yes"']),
    ("endpoint: 5", ["endpoint: 5 is not allowed; allowed: `name: value` lines"]),
    ("- target", ["must hold `key: value` lines, and it holds a list"]),
    ("hello", ["must hold `key: value` lines, and it holds only a text"]),
    ("a: [", ["not valid YAML: line 1"]),
    ("target: a\ntarget: b", ['"target" is given twice']),
    ("ignore: &x [a]\ncolumns: *x", ["aliases (*name) are not read"]),
    ("gate: {minimum: .nan}", ["gate.minimum: nan is not allowed; allowed: a finite number"]),
    (
        "tuning: {trials: 0}\nspot: {enabled: 7}",
        ["tuning.trials: 0", "spot.enabled: 7 is not allowed; allowed: true or false"],
    ),
    ("algorithm: prophet", ["algorithm: 'prophet' is not allowed; allowed: 'xgboost'"]),
    ("target: !!python/object/apply:os.system [echo]", ["line 1, column 9: tags (!name) are not read"]),
    ("spot: {enabled: !!bool maybe}", ["tags (!name) are not read"]),
    ("a: !!float ''", ["tags (!name) are not read"]),
    ("a: !!set [x]", ["tags (!name) are not read"]),
    ("? [a]\n: b", ["a key must be a word"]),
    ("[1]: 2", ["a key must be a word"]),
    ("target: 2026-99-99", ["a number or a date that is none"]),
    ('columns: {"\\ud800": numeric}', ["is not text"]),
    ("split: {seed: 0x" + "f" * 6_000 + "}", ["split.seed: a number of thousands of digits is not allowed"]),
    ("[" * 3_000, ["nested too deep"]),
    ("Jane Doe jane@example.org 555-1234", ["and it holds only a text"]),
]


def test_a_whole_file_is_read() -> None:
    settings = read_settings(GOOD)

    assert (settings.target, settings.positive_class, settings.tuning.trials) == ("churned", "yes", 50)
    assert settings.tuning.ranges["max_depth"].max == 8


@pytest.mark.parametrize("text", [None, "", "  \n", "# nothing yet\n", "---\n", b"\xef\xbb\xbftarget: y\n"])
def test_no_file_and_an_empty_file_mean_the_defaults(text: str | bytes | None) -> None:
    assert read_settings(text).tuning.trials == 20


@pytest.mark.parametrize(("text", "sentences"), MISTAKES)
def test_each_mistake_names_the_key_the_value_and_what_is_allowed(text: str, sentences: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(text)

    for sentence, problem in zip(sentences, raised.value.problems, strict=True):
        assert sentence in problem


def test_a_number_as_class_is_the_word_it_stands_for_in_the_file() -> None:
    assert read_settings("positive_class: 1").positive_class == "1"


def test_a_huge_file_is_not_parsed() -> None:
    with pytest.raises(SettingsError, match="at most"):
        read_settings("a" * 70_000)


def test_what_is_no_setting_is_not_quoted_at_length() -> None:
    for text in (f"{'k' * 60_000}: 1", f"? {'k' * 1_000}\n: 1\n? {'k' * 1_000}\n: 2", "Jane: 1\nJane: 2\n" * 1_000):
        with pytest.raises(SettingsError) as raised:
            read_settings(text)
        assert max(map(len, raised.value.problems)) < 400


PIECES = st.sampled_from(
    [
        *(
            "a",
            "target",
            "tuning",
            "ranges",
            "spot",
            "seed",
            "1",
            "0x",
            "0b_",
            "1_",
            "._",
            "1:99",
            "-",
            "''",
            '"',
            "<<",
        ),
        *(
            ": ",
            "\n",
            "\n  ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "? ",
            "- ",
            "&x ",
            "*x",
            "| ",
            "> ",
            "# ",
            "%",
            "@",
            "---\n",
            "\t",
        ),
        *("!!bool ", "!!int ", "!!float ", "!!timestamp ", "!!map ", "!!set ", "!!omap ", "!!binary ", "!x ", "! "),
        *(
            "2026-99-99",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            ".inf",
            "~",
            "=",
            '"\\ud800"',
            "\ud800",
        ),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_text_made_of_yaml_raises_anything_but_a_settings_error(text: str) -> None:
    with contextlib.suppress(SettingsError):
        read_settings(text)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_settings_error(text: bytes) -> None:
    with contextlib.suppress(SettingsError):
        read_settings(text)
