"""What a model is worth, from evaluation.json into the record and the mail; and what is odd there stops nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.mails.messages import about_run
from chalicelib.records.commands import Mail
from chalicelib.records.events import EvaluationRead
from chalicelib.records.run import Run, Stage
from chalicelib.relay.documents import EVALUATION_LIMIT, read_evaluation
from chalicelib.relay.verdicts import judge
from tests.relay.builders import DEPLOYMENT, evaluation, run, settings

NAMES = ("Naive guess", "Linear model", "XGBoost with defaults", "Best single trial", "Ensemble")
LEADERBOARD: dict[str, Any] = {
    "metric": "auc", "loss": "log_loss", "rows": 1488,
    "entries": [
        {"name": name.lower(), "title": name, "seconds": seconds,
         "metrics": {"auc": {"value": auc, "low": auc - 0.01, "high": auc + 0.01, "undefined": None},
                     "log_loss": {"value": loss, "low": loss, "high": loss, "undefined": None}},
         "answer_ms": {"1": one, "1000": many}}
        for name, auc, loss, seconds, one, many in zip(
            NAMES, (0.5, 0.8431, 0.8712, 0.8801, 0.8903), (0.5781, 0.41, 0.3811, 0.3721, 0.3602),
            (None, 0.41, 12.4, 31.2, 1240.0), (0.01, 0.21, 0.9, 1.1, 3.4), (0.02, 4.1, 12.3, 15.0, 60.4), strict=True,
        )
    ],
    "members": [{"title": title, "weight": weight} for title, weight in
                (("best trial", 0.412), ("deep trees", 0.3), ("linear model", 0.15), ("random forest", 0.1),
                 ("shallow trees", 0.038))],
    "against_linear": {"difference": -0.05, "low": -0.06, "high": -0.04, "undefined": None},
    "linear_would_do": False, "sentence": None,
}  # fmt: skip
PERMUTATION: dict[str, Any] = {
    "loss": "log_loss", "value": 0.36, "rows": 1488, "repeats": 5, "noise": 4,
    "columns": [
        {"column": name, "value": value, "low": value - 0.004, "high": value + 0.004, "noise": value <= 0.004}
        for name, value in (("tenure", 0.08), ("Contract", 0.05), ("charges", 0.03), ("n1", 0.003), ("n2", 0.002),
                            ("n3", 0.0), ("n4", -0.001))
    ],
}  # fmt: skip
DECISION: dict[str, Any] = {
    "optimize": "f1", "threshold": 0.31,
    "at": {"accuracy": 0.78, "precision": 0.55, "recall": 0.72, "f1": 0.62, "balanced_accuracy": 0.77},
    "at_half": {"accuracy": 0.81, "precision": 0.68, "recall": 0.5, "f1": 0.58, "balanced_accuracy": 0.7},
}  # fmt: skip


def read(**ours: Any) -> Any:
    block = {**evaluation(), "positive_class": "yes", **ours}
    found = read_evaluation(json.dumps({"sagerelay": block}).encode())
    assert isinstance(found, EvaluationRead)
    return found.evaluation


def mail(**ours: Any) -> str:
    return about_run(Mail.PROMOTED, run(Stage.LIVE, evaluation=read(**ours)), DEPLOYMENT).text


def test_the_mail_has_the_leaderboard_with_intervals_and_what_that_takes() -> None:
    text = mail(leaderboard=LEADERBOARD)

    lines = text[text.index("What it is worth, measured on the same rows:") :].splitlines()[2:17]
    assert lines == [
        "                       ROC AUC     95 % interval  Log loss     95 % interval",
        "Naive guess             0.5000  0.4900 to 0.5100    0.5781  0.5781 to 0.5781",
        "Linear model            0.8431  0.8331 to 0.8531    0.4100  0.4100 to 0.4100",
        "XGBoost with defaults   0.8712  0.8612 to 0.8812    0.3811  0.3811 to 0.3811",
        "Best single trial       0.8801  0.8701 to 0.8901    0.3721  0.3721 to 0.3721",
        "Ensemble                0.8903  0.8803 to 0.9003    0.3602  0.3602 to 0.3602",
        "",
        "What that takes:",
        "",
        "                       trained in  answers 1 row  1,000 rows",
        "Naive guess                     -        0.01 ms     0.02 ms",
        "Linear model               0.41 s        0.21 ms      4.1 ms",
        "XGBoost with defaults        12 s         0.9 ms       12 ms",
        "Best single trial            31 s         1.1 ms       15 ms",
        "Ensemble                  1,240 s         3.4 ms       60 ms",
    ]
    assert max(len(line) for line in lines) <= 76
    assert "would do" not in text
    assert (
        "The ensemble is made of: best trial 41%, deep trees 30%, linear model 15%, random forest 10% and 1 more."
        in text
    )


def test_an_ensemble_has_no_best_hyperparameters_but_a_best_trial() -> None:
    assert "Best hyperparameters of 20 trials (validation:auc 0.9300):" in mail()
    assert "Best single trial of 20 (validation:auc 0.9300):" in mail(leaderboard=LEADERBOARD)
    without = {name: one for name, one in LEADERBOARD.items() if name != "members"}
    assert "is made of" not in mail(leaderboard=without)


def test_without_tuning_an_ensemble_has_other_members_too_and_no_best_trial() -> None:
    record = run(Stage.LIVE, evaluation=read(leaderboard=LEADERBOARD), hyperparameters={}, trials=0)
    text = about_run(Mail.PROMOTED, record, DEPLOYMENT).text
    assert "given hyperparameters beside SageRelay's own ones." in text
    assert "XGBoost as given        0.8801  0.8701 to 0.8901" in text
    assert "The ensemble is made of: XGBoost as given 41%, deep trees 30%" in text
    assert "trial" not in text.replace("trials", "")


def test_members_of_one_name_are_told_together_and_few_rows_with_their_count() -> None:
    few = {"value": 0.9, "low": None, "high": None, "undefined": "Too few to tell: 4 rows are of the class \"yes\".",
           "few": {"rows": 4, "of": "yes", "low": 0.6, "high": 1.0}}  # fmt: skip
    entries = [{**one, "metrics": {**one["metrics"], "auc": few}} for one in LEADERBOARD["entries"]]
    members = [{"title": title, "weight": weight} for title, weight in
               (("linear model", 0.45), ("deep trees", 0.3), ("linear model", 0.25))]  # fmt: skip
    text = mail(leaderboard={**LEADERBOARD, "entries": entries, "members": members})
    assert "The ensemble is made of: linear model 70%, deep trees 30%." in text
    assert "Ensemble                0.9000  too few to tell: 4    0.3602  0.3602 to 0.3602" in text


def test_an_ensemble_of_linear_models_alone_is_called_one() -> None:
    members = [{"title": "linear model", "weight": weight} for weight in (0.8, 0.2)]
    text = mail(leaderboard={**LEADERBOARD, "members": members})
    assert "The ensemble is a linear model here: no trees have a weight in it." in text
    assert "is made of" not in text


def test_the_mail_says_that_a_linear_model_would_do() -> None:
    sentence = "A linear model would do: its Log loss is 0.3601, the ensemble's 0.3602."

    assert sentence in mail(leaderboard={**LEADERBOARD, "linear_would_do": True, "sentence": sentence})


def test_the_mail_names_the_columns_that_matter_and_counts_the_noise() -> None:
    wanted = "What matters most: tenure, Contract, charges. 4 columns do no better than noise."
    assert wanted in mail(permutation_importance=PERMUTATION).splitlines()
    only = {**PERMUTATION, "noise": 1, "columns": PERMUTATION["columns"][3:4]}
    assert "No column does better than noise on these rows." in mail(permutation_importance=only)
    assert "1 column does no better" in mail(permutation_importance={**PERMUTATION, "noise": 1})


def test_the_mail_tells_the_threshold_and_what_it_trades() -> None:
    text = mail(decision=DECISION)

    assert 'It says "yes" from a probability of 0.31 on, for F1. Out of fold that has Precision 0.5500, Recall' in text
    assert "0.7200, F1 0.6200; at 0.5 it would be Precision 0.6800, Recall 0.5000, F1 0.5800." in text
    costs = {side: {**DECISION[side], "cost": cost} for side, cost in (("at", 0.21), ("at_half", 0.34))}
    paid = mail(decision={**DECISION, **costs, "optimize": "cost"})
    assert "for the costs given. Out of fold that has Precision 0.5500, Recall 0.7200, a mean cost of 0.2100" in paid
    given = mail(decision={**DECISION, "optimize": None})
    assert "from a probability of 0.31 on, as relay.yaml has it. Out of fold that has Precision 0.5500" in given
    assert "from a probability of" not in mail(decision={**DECISION, "threshold": 0.5})


def test_the_verdict_names_the_threshold_at_which_a_class_is_never_said() -> None:
    gate, task = settings()["gate"], run(Stage.LIVE).problem
    assert task
    silent = {"only_answer": "no", "confusion_matrix": [[1000, 0], [488, 0]]}

    assert (
        'at the threshold of 0.31 it never says "yes"'
        in judge(read(decision=DECISION, **silent), gate, task.task).reason
    )
    assert 'at the threshold of 0.5 it never says "yes"' in judge(read(**silent), gate, task.task).reason


def test_evaluations_of_earlier_releases_have_none_of_it() -> None:
    found = read()

    assert not {"leaderboard", "permutation_importance", "decision", "positive_class"} & found.keys()
    assert "worth" not in mail()


@pytest.mark.parametrize(
    "odd", [None, 7, "x", [], {}, {"entries": 1}, {"columns": [{}], "noise": 0}, {"threshold": "x"}]
)
def test_what_is_not_as_expected_is_left_out_and_stops_nothing(odd: Any) -> None:
    names = ("leaderboard", "permutation_importance", "decision")

    found = read(**dict.fromkeys(names, odd))

    assert not set(names) & found.keys()
    assert mail(**dict.fromkeys(names, odd))


def test_a_record_keeps_what_a_mail_shows_and_never_outgrows_its_size() -> None:
    many = [{**PERMUTATION["columns"][0], "column": "x" * 5_000} for _ in range(3_000)]
    contestant = {**LEADERBOARD["entries"][0], "title": "t" * 5_000}
    board = {**LEADERBOARD, "entries": [contestant] * 500, "sentence": "s" * 50_000}

    found = read(permutation_importance={**PERMUTATION, "columns": many}, leaderboard=board, decision=DECISION)

    assert len(json.dumps(found)) < EVALUATION_LIMIT / 4
    assert found["permutation_importance"]["noise"] == 4
    assert len(found["leaderboard"]["entries"]) == 8
    huge = dict.fromkeys(map(str, range(9000)), LEADERBOARD["entries"][0]["metrics"]["auc"])
    kept = read(leaderboard={**LEADERBOARD, "entries": [{**contestant, "metrics": huge}]})
    assert "leaderboard" not in kept


def test_a_record_with_all_of_it_is_stored_and_read_again() -> None:
    record = run(
        Stage.LIVE, evaluation=read(leaderboard=LEADERBOARD, permutation_importance=PERMUTATION, decision=DECISION)
    )

    assert codec.from_document(Run, codec.to_document(record), record.version) == record


def test_the_mail_says_what_would_change_for_callers() -> None:
    words = 'On 60 rows of captured traffic the new model changes 5.0 % of the live one\'s answers: "no" to "yes" 3.'
    told = {"rows": 60, "changed": 0.05, "mean_difference": None, "largest_difference": None, "beyond": None}

    found = about_run(
        Mail.APPROVAL_NEEDED,
        run(Stage.AWAITING_APPROVAL, evaluation=read(on_traffic={**told, "sentence": words, "window": {}})),
        DEPLOYMENT,
    )

    assert f"\n\n{words}\n\n" in found.text
    assert found.machine["on_traffic"] == {**told, "sentence": words}
    assert "on_traffic" not in read(on_traffic={"rows": "many"})
    assert "captured traffic" not in mail()
