"""A release whose default algorithm is another: nothing is trained for it, the next run has it, and its mail says so.

And back again: an older release meets runs with an algorithm that it does not have.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.names import Step
from chalicelib.records.dataset import Dataset, RunEnded, decide, run_of
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.run import Run, Stage
from chalicelib.settings.relay_yaml import read_settings
from tests.monitoring.living import live
from tests.records.states import kept, put_back
from tests.records.test_upgrade import each_scenario, finished
from tests.relay.builders import LIVE, NOW, data
from tests.relay.world import World, drop

BEFORE = replace(BUILT_IN, default="xgboost")
AFTER = replace(BUILT_IN, default="auto")
WITHOUT = Registry({"xgboost": BUILT_IN.loaders["xgboost"]}, default="xgboost")
"""The algorithms of the releases before, of one with the other default, and of one that has the built-in alone."""
KEEP = "to keep that, write `algorithm: xgboost` into relay.yaml"


def look_at_what_is_there(here: World) -> None:
    for name in ("train/jan.csv", "relay.yaml", "train/jan.csv"):
        here.runtime.receive(here.uploaded(name))
    here.runtime.sweep()


def record(here: World, run_id: str) -> Run:
    found = here.runtime.executor.store.run(run_id)
    assert found
    return found


def texts(here: World) -> list[str]:
    return [mail.text for mail in here.sns.mails]


# --- forward


@each_scenario
def test_an_earlier_release_s_datasets_begin_nothing(here: World, release: str, scenario: str) -> None:
    here.release(AFTER)
    put_back(here, kept(release, scenario))
    finished(here)
    before = list(here.sagemaker.calls)

    look_at_what_is_there(here)

    assert here.active() is None
    assert here.sagemaker.calls == before
    told = [text for text in texts(here) if KEEP in text]
    assert len(told) == (scenario == "queued"), "what was queued is a run of its own, with the new default"


@pytest.mark.parametrize(
    "text", ["", "target: churned\n", "tuning: {trials: 3}\n", "hyperparameters: {eta: 0.1}\n", "algorithm: xgboost\n"]
)
@pytest.mark.parametrize("stage", [Stage.LIVE, Stage.FAILED, Stage.REJECTED])
def test_what_this_release_trained_is_no_news_to_the_next(text: str, stage: Stage) -> None:
    then = seen(text, BEFORE)
    begun = replace(decide(Dataset("churn"), then).dataset, pending=())
    ended = replace(decide(begun, RunEnded(begun.active or "", stage, LIVE, None)).dataset, pending=())

    assert decide(ended, seen(text, AFTER)).dataset.active is None


def seen(text: str, offered: Registry) -> InputsSeen:
    read = read_settings(text, offered)
    return InputsSeen((data(),), read.as_stored(), written=read.model_dump(mode="json", exclude_unset=True))


def test_a_run_under_way_goes_on_with_what_it_began_with(here: World) -> None:
    here.release(BEFORE)
    run_id = drop(here)
    here.runtime.receive(here.end(run_id, Step.PREPARE))

    here.release(AFTER)
    assert finished(here) == ["promoted"]

    assert record(here, run_id).settings["algorithm"] == "xgboost"
    assert not any(KEEP in text for text in texts(here))


def test_the_next_run_has_it_and_its_mail_alone_says_so(here: World) -> None:
    here.release(BEFORE)
    live(here)
    here.release(AFTER)
    look_at_what_is_there(here)
    assert here.active() is None

    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    assert record(here, second).settings["algorithm"] == "auto"
    assert finished(here)[-1] == "promoted"
    third = drop(here, "train/mar.csv", b"a,b\n5,6\n")
    assert finished(here)[-1] == "promoted"

    assert record(here, third).settings["algorithm"] == "auto"
    told = [run for run, text in ((mail.machine["run"], mail.text) for mail in here.sns.mails) if KEEP in text]
    assert told == [second]


def test_the_line_that_keeps_it_begins_nothing(here: World) -> None:
    here.release(BEFORE)
    live(here)
    here.release(AFTER)

    here.put("relay.yaml", b"algorithm: xgboost\n")
    look_at_what_is_there(here)
    assert here.active() is None

    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    assert record(here, second).settings["algorithm"] == "xgboost"
    finished(here)
    assert not any(KEEP in text for text in texts(here))


@pytest.mark.parametrize("text", ["algorithm: auto\n", "hyperparameters: {eta: 0.1}\n"])
def test_whoever_chose_it_is_not_told(here: World, text: str) -> None:
    here.release(BEFORE)
    live(here)
    here.release(AFTER)
    here.put("relay.yaml", text.encode())

    drop(here, "train/feb.csv", b"a,b\n3,4\n")
    finished(here)

    assert not any(KEEP in text for text in texts(here))


def test_a_first_run_has_nothing_to_be_told(here: World) -> None:
    here.release(AFTER)
    run_id = live(here)
    assert record(here, run_id).settings["algorithm"] == "auto"
    assert not any(KEEP in text for text in texts(here))


def test_a_run_that_fails_says_it_and_the_one_after_it_does_not(here: World) -> None:
    here.release(BEFORE)
    live(here)
    here.release(AFTER)

    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    here.runtime.receive(here.end(second, Step.PREPARE, failure="AlgorithmError: [no-target] there is no column y"))
    drop(here, "train/mar.csv", b"a,b\n5,6\n")
    finished(here)

    told = [mail.machine["run"] for mail in here.sns.mails if KEEP in mail.text]
    assert told == [second]


def begun(dataset: Dataset, now: InputsSeen, stage: Stage) -> tuple[Run, Dataset]:
    """The run that begins with these inputs, and the dataset when it has ended so."""
    after = replace(decide(dataset, now).dataset, pending=())
    assert after.active
    ended = decide(after, RunEnded(after.active, stage, None, None)).dataset
    return run_of(after, now, NOW), replace(ended, pending=())


def test_what_a_superseded_run_had_to_tell_is_told_by_the_next() -> None:
    first, dataset = begun(Dataset("churn"), seen("", BEFORE), Stage.LIVE)
    second, dataset = begun(dataset, replace(seen("", AFTER), objects=(data("feb.csv"),)), Stage.SUPERSEDED)
    third, dataset = begun(dataset, replace(seen("", AFTER), objects=(data("mar.csv"),)), Stage.LIVE)
    fourth, _ = begun(dataset, replace(seen("", AFTER), objects=(data("apr.csv"),)), Stage.LIVE)

    assert [one.instead_of for one in (first, second, third, fourth)] == [None, "xgboost", "xgboost", None]


def test_back_at_the_former_nothing_is_told() -> None:
    _, dataset = begun(Dataset("churn"), seen("", BEFORE), Stage.LIVE)
    _, dataset = begun(dataset, replace(seen("", AFTER), objects=(data("feb.csv"),)), Stage.SUPERSEDED)
    third, _ = begun(dataset, replace(seen("", BEFORE), objects=(data("mar.csv"),)), Stage.LIVE)

    assert third.instead_of is None


# --- back


@pytest.mark.parametrize("until", Step)
def test_an_older_release_ends_what_it_cannot_make_and_says_why(here: World, until: Step) -> None:
    here.release(AFTER)
    run_id = drop(here)
    for step in Step:
        if step is until:
            break
        here.runtime.receive(here.end(run_id, step))

    here.release(WITHOUT)
    for step in list(Step)[list(Step).index(until) :]:
        here.runtime.receive(here.end(run_id, step))
    here.runtime.sweep()

    after = record(here, run_id)
    assert after.stage.ended
    assert here.active() is None
    if after.stage is Stage.FAILED:
        assert after.failure
        assert after.failure.reason == "algorithm 'auto' is not offered here; there are: xgboost"
        (mail,) = here.sns.mails
        assert after.failure.reason in mail.text
    else:
        assert until in {Step.EVALUATE, Step.LIVE}


def test_a_dataset_of_a_newer_release_is_trained_with_what_there_is(here: World) -> None:
    here.release(AFTER)
    live(here)
    here.release(WITHOUT)

    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")

    assert finished(here)[-1] == "promoted"
    assert record(here, second).settings["algorithm"] == "xgboost"
