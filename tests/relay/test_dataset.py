"""What is true of a dataset between runs."""

from __future__ import annotations

from dataclasses import replace

from chalicelib import codec
from chalicelib.records.commands import Begin, Follow, LookAgain, Retire
from chalicelib.records.dataset import Dataset, RunEnded, decide, run_of
from chalicelib.records.inputs import InputObject
from chalicelib.records.run import LiveModel, PastTuning, Stage
from tests.relay.builders import LIVE, NOW, data, inputs_seen

TUNED = PastTuning("churn-00000000-tune-1", "Maximize validation:auc: eta")
BLANK = Dataset("churn")


def started(*objects: InputObject, dataset: Dataset = BLANK) -> Dataset:
    return decide(dataset, inputs_seen(*objects)).dataset


def ended(dataset: Dataset, stage: Stage = Stage.LIVE, live: LiveModel | None = LIVE) -> Dataset:
    executed = replace(dataset, pending=())
    return decide(
        executed, RunEnded(executed.active or "", stage, live if stage is Stage.LIVE else None, TUNED)
    ).dataset


def test_the_first_file_starts_a_run() -> None:
    after = started()

    assert after.active is not None
    assert after.active.startswith("churn-")
    assert after.pending == (Begin(after.active),)


def test_an_empty_folder_starts_nothing() -> None:
    seen = replace(inputs_seen(), objects=())

    assert decide(Dataset("churn"), seen).ignored == "nothing lies in train/ yet"


def test_the_same_upload_seen_twice_is_one_run() -> None:
    once = started()

    again = decide(once, inputs_seen())

    assert again.dataset == once
    assert "the same data and settings" in (again.ignored or "")


def test_the_same_contents_uploaded_again_start_nothing_after_a_good_run() -> None:
    after = ended(started())

    assert decide(after, inputs_seen(data(version="v2"))).ignored


def test_the_same_contents_uploaded_again_after_a_failure_mean_try_again() -> None:
    first = started()
    after = ended(first, Stage.FAILED)

    repeated_event = decide(after, inputs_seen())
    fresh_upload = decide(after, inputs_seen(data(version="v2")))

    assert repeated_event.ignored
    assert fresh_upload.dataset.active not in {None, first.active}


def test_more_data_is_another_run_on_all_files() -> None:
    first = started()

    second = decide(ended(first), inputs_seen(data(), data("feb.csv", "bbbb"))).dataset

    assert second.active not in {None, first.active}


def test_other_settings_are_another_run() -> None:
    second = decide(ended(started()), inputs_seen(data(), target="churned"))

    assert second.dataset.active


def test_settings_changed_and_changed_back_are_a_third_run() -> None:
    first = started()
    second = decide(ended(first), inputs_seen(data(), target="churned")).dataset
    third = decide(ended(second), inputs_seen(data())).dataset

    assert len({first.active, second.active, third.active}) == 3


def test_looking_is_what_strikes_a_look_off() -> None:
    waiting = replace(ended(started()), pending=(Retire("churn-00000000", 1), LookAgain()))

    same = decide(waiting, inputs_seen()).dataset
    news = decide(waiting, inputs_seen(data(etag="bbbb"))).dataset

    assert same.pending == (Retire("churn-00000000", 1),)
    assert news.pending == (Retire("churn-00000000", 1), Begin(news.active or ""))


def test_uploads_during_a_run_become_one_look_after_it() -> None:
    dataset = replace(started(), pending=())
    for name in ("feb.csv", "mar.csv", "apr.csv"):
        dataset = decide(dataset, inputs_seen(data(), data(name, "bbbb"))).dataset
    assert (dataset.queued, dataset.pending) == (True, ())

    after = ended(dataset)

    assert (after.active, after.queued) == (None, False)
    assert after.pending == (Follow(dataset.active or ""), LookAgain())


def test_data_that_was_put_back_needs_no_second_run() -> None:
    dataset = decide(replace(started(), pending=()), inputs_seen(data(), data("feb.csv", "bbbb"))).dataset
    assert dataset.queued

    assert not decide(dataset, inputs_seen()).dataset.queued


def test_a_run_that_is_not_under_way_ends_nothing() -> None:
    dataset = replace(started(), pending=())

    assert decide(dataset, RunEnded("churn-ffffffff", Stage.LIVE, LIVE, None)).ignored


def test_the_predecessor_is_kept_and_the_one_before_it_retired() -> None:
    first, second, third = (LiveModel(f"churn-0000000{n}", "sagerelay-churn", 1, "") for n in (1, 2, 3))
    dataset = Dataset("churn")
    for number, live in enumerate((first, second, third)):
        dataset = ended(started(data(etag=f"{number}"), dataset=replace(dataset, pending=())), live=live)

    assert (dataset.live, dataset.previous) == (third, second)
    assert dataset.last is not None
    assert dataset.pending == (Follow(dataset.last.run), Retire(first.run, first.attempt))


def test_a_rejected_run_leaves_the_live_model_alone() -> None:
    dataset = replace(started(), live=LIVE)

    assert ended(dataset, Stage.REJECTED).live == LIVE


def test_a_new_run_knows_the_live_model_and_the_last_tuning() -> None:
    dataset = replace(started(), live=LIVE, tuning=TUNED)

    run = run_of(dataset, inputs_seen(), NOW)
    cold = run_of(dataset, inputs_seen(tuning={"warm_start": False}), NOW)

    assert (run.live, run.warm_start, cold.warm_start) == (LIVE, TUNED, None)


def test_a_record_survives_being_stored() -> None:
    dataset = replace(ended(started()), live=LIVE, previous=LIVE, pending=(LookAgain(), Retire("churn-00000000", 2)))

    assert codec.from_document(Dataset, codec.to_document(dataset), dataset.version) == dataset


def test_a_deployment_made_anew_does_not_give_its_predecessor_s_run_ids() -> None:
    seen = inputs_seen()
    first, second = (decide(Dataset("churn"), replace(seen, deployment=name)).dataset.active for name in ("a1", "b2"))

    assert first != second
