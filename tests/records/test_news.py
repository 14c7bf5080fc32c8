"""What begins a run: other data, or other words in relay.yaml about what makes the model. Nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.records.dataset import Dataset, RunEnded, decide
from chalicelib.records.inputs import InputObject, InputsSeen
from chalicelib.records.run import Stage
from chalicelib.settings import relay_yaml
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.stored import Settings, Tuning
from tests.relay.builders import LIVE, data

MODEL, NEXT, AT_ONCE = "a run at once", "the next run", "monitoring, at once"
ASKED = "whenever something is started"
PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
SETTINGS = {
    "target": ("churned", MODEL),
    "task": ("binary", MODEL),
    "positive_class": ("yes", MODEL),
    "na_in_target": ("class", MODEL),
    "ignore": (["id"], MODEL),
    "columns": ({"age": "numeric"}, MODEL),
    "max_columns": (50, MODEL),
    "file.delimiter": (";", MODEL),
    "file.encoding": ("latin-1", MODEL),
    "file.decimal": (",", MODEL),
    "file.header": (True, MODEL),
    "split.how": ("random", MODEL),
    "split.column": ("day", MODEL),
    "split.test": (0.2, MODEL),
    "split.validation": (0.2, MODEL),
    "split.seed": (8, MODEL),
    "algorithm": (next(name for name in BUILT_IN.loaders if name != DEFAULTS["algorithm"]), MODEL),
    "hyperparameters": ({"gamma": 1}, MODEL),
    "tuning.enabled": (False, MODEL),
    "tuning.strategy": ("Random", MODEL),
    "tuning.objective": ("auc", MODEL),
    "tuning.trials": (21, MODEL),
    "tuning.parallel": (3, MODEL),
    "tuning.early_stopping": (not DEFAULTS["tuning"]["early_stopping"], MODEL),
    "tuning.warm_start": (False, MODEL),
    "tuning.seed": (8, MODEL),
    "tuning.max_runtime_minutes": (60, MODEL),
    "tuning.ranges": ({"eta": {"min": 0.1, "max": 0.2}}, MODEL),
    "decision.optimize": ("f1", MODEL),
    "decision.costs": ({"false_positive": 1.0, "false_negative": 5.0}, MODEL),
    "decision.threshold": (0.3, MODEL),
    "instances.prepare": ("ml.m5.large", NEXT),
    "instances.train": ("ml.m5.large", NEXT),
    "instances.evaluate": ("ml.m5.xlarge", NEXT),
    "instances.volume_gb": (31, NEXT),
    "instances.max_runtime_minutes": (60, NEXT),
    "spot.enabled": (True, NEXT),
    "spot.max_wait_minutes": (300, NEXT),
    "gate.metric": ("auc", NEXT),
    "gate.minimum": (0.8, NEXT),
    "gate.max_loss": (0.1, NEXT),
    "gate.approval": ("manual", NEXT),
    "endpoint.mode": ("batch", NEXT),
    "endpoint.instance": ("ml.m5.xlarge", NEXT),
    "endpoint.count": (2, NEXT),
    "endpoint.capture_percentage": (50, NEXT),
    "endpoint.memory_mb": (3072, NEXT),
    "endpoint.max_concurrency": (20, NEXT),
    "endpoint.rollout.how": ("canary", NEXT),
    "endpoint.rollout.percent": (50, NEXT),
    "endpoint.rollout.bake_minutes": (5, NEXT),
    "endpoint.scaling": ({"max": 3, "invocations_per_minute": 600}, NEXT),
    "endpoint.idle_days": (30, NEXT),
    "endpoint.expires": ("2027-01-31", NEXT),
    "endpoint.when_idle": ("remove", NEXT),
    "endpoint.recreate": (True, NEXT),
    "monitoring.enabled": (False, AT_ONCE),
    "monitoring.schedule": ("hourly", AT_ONCE),
    "monitoring.min_rows": (50, AT_ONCE),
    "monitoring.significance": (0.02, AT_ONCE),
    "monitoring.distance": (0.1, AT_ONCE),
    "monitoring.quiet_days": (5, AT_ONCE),
    "monitoring.metric": ("auc", AT_ONCE),
    "monitoring.max_loss": (0.1, AT_ONCE),
    "monitoring.min_labels": (50, AT_ONCE),
    "monitoring.window_days": (7, AT_ONCE),
    "monitoring.instance": ("ml.m5.xlarge", AT_ONCE),
    "monitoring.volume_gb": (31, AT_ONCE),
    "monitoring.feature_metrics": (True, AT_ONCE),
    "monitoring.rollback": ("itself", AT_ONCE),
    "budget.run": (5.0, ASKED),
    "budget.month": (60.0, ASKED),
    "prices": ({"training ml.m5.large": 0.115}, ASKED),
    "retraining.policy": ("on_drift", AT_ONCE),
    "retraining.schedule": ("daily", AT_ONCE),
    "retraining.cool_down_hours": (1, AT_ONCE),
    "retraining.max_tries": (4, AT_ONCE),
    "retraining.labelled_traffic": (True, AT_ONCE),
}
"""Every setting, another value for it, and when a change takes effect. The table in docs/settings.md says the same."""
BESIDE: Mapping[str, dict[str, Any]] = {
    "split.column": {"split": {"how": "time"}},
    "decision.costs": {"decision": {"optimize": "cost"}},
    "endpoint.rollout.how": {"endpoint": {"count": 2}},  # of one instance no part can be tried first
}
"""What has to be said beside a setting."""


def paths(settings: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, dict) and name not in {"columns", "hyperparameters", "ranges", "prices"}:
            yield from paths(value, f"{above}{name}.")
        else:
            yield above + name


def nested(path: str, value: object) -> dict[str, Any]:
    section, _, below = path.partition(".")
    return {section: nested(below, value) if below else value}


def text_of(path: str, value: object) -> str:
    chosen, beside = nested(path, value), BESIDE.get(path, {})
    return yaml.safe_dump({name: {**beside.get(name, {}), **one} if beside else one for name, one in chosen.items()})


def base(path: str) -> str:
    if path == "tuning.ranges":  # which alone would mean another
        return f"algorithm: {DEFAULTS['algorithm']}\n"
    return "algorithm: auto\n" if path.startswith("decision.") else ""


def seen(text: str = "", *objects: InputObject, offered: Registry = BUILT_IN, **changes: Any) -> InputsSeen:
    read = relay_yaml.read_settings(text, offered)
    written = read.model_dump(mode="json", exclude_unset=True)
    settings = read.as_stored()
    return replace(InputsSeen(objects or (data(),), settings, written=written), **changes)


def after(first: InputsSeen, stage: Stage = Stage.LIVE) -> Dataset:
    """The dataset when the run on what was first seen has ended so."""
    begun = replace(decide(Dataset("churn"), first).dataset, pending=())
    return replace(decide(begun, RunEnded(begun.active or "", stage, LIVE, None)).dataset, pending=())


def begins(dataset: Dataset, now: InputsSeen) -> bool:
    return decide(dataset, now).dataset.active is not None


def test_every_setting_is_in_the_table() -> None:
    """A new setting must say when a change of it takes effect: add it to the table, and to docs/settings.md."""
    assert set(paths(DEFAULTS)) == SETTINGS.keys()


@pytest.mark.parametrize("path", [path for path, (value, _) in SETTINGS.items() if value is not None])
def test_a_change_begins_a_run_if_it_makes_another_model(path: str) -> None:
    value, effect = SETTINGS[path]
    text, without = base(path) + text_of(path, value), base(path)

    assert begins(after(seen(without)), seen(text)) == (effect == MODEL)
    assert begins(after(seen(text)), seen(without)) == (effect == MODEL)


@pytest.mark.parametrize("path", [path for path, (value, _) in SETTINGS.items() if value is not None])
def test_after_a_failure_every_change_begins_a_run_but_those_of_the_monitor(path: str) -> None:
    value, effect = SETTINGS[path]
    text, without = base(path) + text_of(path, value), base(path)

    assert begins(after(seen(without), Stage.FAILED), seen(text)) == (effect not in {AT_ONCE, ASKED})


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n",
        "tuning: {trials: 20}\n",
        "task: auto\nsplit: {seed: 7, test: 0.15}\n",
        "tuning:\n  ranges:\n    eta: {min: 0.02, max: 0.5, scaling: Logarithmic}\n",
    ],
)
def test_words_that_mean_the_same_begin_nothing(text: str) -> None:
    plain = "tuning:\n  ranges:\n    eta: {max: 0.5, min: 0.02, scaling: Logarithmic}\n" if "ranges" in text else ""

    assert not begins(after(seen(plain)), seen(text))
    assert not begins(after(seen(text)), seen(plain))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("ignore: [id, name]\n", "ignore: [name, id, id]\n"),
        ("hyperparameters: {gamma: 1, max_bin: 64}\n", "hyperparameters: {max_bin: 64, gamma: 1.0}\n"),
        ("columns: {a: numeric, b: text}\n", "columns: {b: text, a: numeric}\n"),
        ("split: {test: 0.2}\n", "split: {test: 2.0e-1}\r\n"),
        ("tuning: {ranges: {eta: {min: 0.1, max: 1}}}\n", "tuning: {ranges: {eta: {min: .1, max: 1.0}}}\n"),
        ("target: 'churned'\n", "# a comment\ntarget: churned\n"),
    ],
)
def test_the_same_written_otherwise_begins_nothing(text: str, other: str) -> None:
    assert not begins(after(seen(text)), seen(other))
    assert not begins(after(seen(other)), seen(text))


@pytest.mark.parametrize("path", [path for path, (value, _) in SETTINGS.items() if value is not None])
def test_a_default_that_is_written_out_begins_nothing(path: str) -> None:
    default: Any = DEFAULTS
    for name in path.split("."):
        default = default[name]
    text, without = base(path) + yaml.safe_dump(nested(path, default)), base(path)

    assert not begins(after(seen(without)), seen(text))
    assert not begins(after(seen(text)), seen(without))


@pytest.mark.parametrize("text", ["", "tuning: {trials: 20}\n", "gate: {minimum: 0.5}\n"])
def test_a_release_that_adds_a_setting_or_changes_a_default_begins_nothing(text: str) -> None:
    first = seen(text)
    newer: Any = {**first.settings, "invented": {"a": 1}, "tuning": {**first.settings["tuning"], "seed": 8, "folds": 5}}

    assert not begins(after(first), replace(first, settings=newer))
    assert not begins(after(first, Stage.FAILED), replace(first, settings=newer))


def test_with_a_changed_default_the_person_gets_what_they_write() -> None:
    first = seen()
    newer: Settings = {**first.settings, "tuning": {**first.settings["tuning"], "trials": 30}}

    def wrote(trials: int) -> InputsSeen:
        tuning: Tuning = {**first.settings["tuning"], "trials": trials}
        return replace(first, settings={**first.settings, "tuning": tuning}, written={"tuning": {"trials": trials}})

    assert begins(after(first), wrote(30))
    assert not begins(after(first), wrote(20))
    assert not begins(after(first), replace(first, settings=newer))


def test_a_rejected_models_data_are_judged_anew_when_they_are_uploaded_again_under_another_gate() -> None:
    rejected = after(seen("gate: {minimum: 0.9}\n"), Stage.REJECTED)
    lower, again = "gate: {minimum: 0.8}\n", data(version="v2")

    assert not begins(rejected, seen(lower))
    assert not begins(rejected, seen("gate: {minimum: 0.9}\n", again))
    assert begins(rejected, seen(lower, again))


def test_what_overtook_a_run_and_is_gone_again_leaves_the_run_to_be_made() -> None:
    assert begins(after(seen(), Stage.SUPERSEDED), seen())


def test_the_page_says_the_same() -> None:
    [_, below] = PAGE.read_text(encoding="utf-8").split("| Settings | A change takes effect |")
    rows = [line.split("|") for line in below.partition("\n\n")[0].splitlines() if line.startswith("| `")]
    words = [("a run at once", MODEL), ("the next run", NEXT), (ASKED, ASKED), ("monitoring, at once", AT_ONCE)]
    told = {
        name.strip(" `"): effect for row, (word, effect) in zip(rows, words, strict=True) for name in row[1].split(",")
    }
    assert all(word in row[2] for row, (word, _) in zip(rows, words, strict=True))
    assert told == {path.partition(".")[0]: effect for path, (_, effect) in SETTINGS.items()}
