"""The whole loop, as its owner lives it: data, a live model, traffic that drifts, and a model that fits again."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from local.mailbox import Mail
from tests.end_to_end.conftest import User

DATASET = "orders"
AT_ONCE = 20
BY_DEFAULT = "tuning: {enabled: false}\n"
RETRAINS = """
monitoring: {schedule: hourly, min_labels: 50}
retraining: {policy: on_drift, cool_down_hours: 0, labelled_traffic: true}
"""


def orders(count: int, seed: int, *, moved: bool = False) -> pd.DataFrame:
    """Orders and whether they are returned. When the world has moved, baskets are larger and large ones are kept."""
    chance = np.random.default_rng(seed)
    basket = chance.normal(95.0 if moved else 60.0, 15.0, count).round(2)
    items = chance.poisson(4, count)
    channel = chance.choice(["web", "shop", "phone"], count, p=[0.6, 0.3, 0.1])
    limit = 95.0 if moved else 60.0
    odds = (basket - limit) / 6.0 * (-1.0 if moved else 1.0) + np.where(channel == "phone", 1.5, 0.0)
    returned = chance.random(count) < 1 / (1 + np.exp(-odds))
    words = np.where(returned, "yes", "no")
    return pd.DataFrame({"basket": basket, "items": items, "channel": channel, "returned": words})


class Shop:
    """A caller of the live endpoint, who learns later which orders were returned."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.runtime = user.cloud.client("sagemaker-runtime")
        self._lines: dict[tuple[str, str], int] = {}
        """How many requests an object holds, by its key and tag: each is read once, however often is looked."""

    def calls(self, rows: pd.DataFrame, name: str) -> None:
        """Ask, `AT_ONCE` rows in one request; wait until the requests are captured."""
        before = self.captured()
        features = rows.drop(columns="returned")
        for start in range(0, len(rows), AT_ONCE):
            body = features.iloc[start : start + AT_ONCE].to_csv(index=False, header=False)
            self.runtime.invoke_endpoint(
                EndpointName=f"sagerelay-{DATASET}",
                ContentType="text/csv",
                Body=body,
                InferenceId=f"{name}-{start // AT_ONCE}",
            )
        wanted = before + -(-len(rows) // AT_ONCE)
        self.user.waits_until(lambda: self.captured() == wanted, f"{wanted} captured requests")

    def captured(self) -> int:
        client, bucket = self.user.cloud.client("s3"), self.user.cloud.bucket
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"capture/sagerelay-{DATASET}/")
        found = [(entry["Key"], entry["ETag"]) for page in pages for entry in page.get("Contents", [])]
        for one in found:
            if one not in self._lines:
                self._lines[one] = self.user.reads(one[0]).count(b"\n")
        return sum(self._lines[one] for one in found)

    def labels(self, rows: pd.DataFrame, name: str) -> None:
        """Upload what became of the orders."""
        ids = [f"{name}-{place // AT_ONCE}/{place % AT_ONCE + 1}" for place in range(len(rows))]
        text = io.StringIO()
        pd.DataFrame({"inference_id": ids, "label": rows["returned"]}).to_csv(text, index=False)
        self.user.puts(f"datasets/{DATASET}/labels/{name}.csv", text.getvalue().encode())

    def asks_for_a_check(self) -> dict[str, Any]:
        """A check now; gives its drift.json."""
        before = self.checks("drift")
        detail = json.dumps({"dataset": DATASET, "kind": "drift"})
        entry = {"Source": "sagerelay", "DetailType": "Check Requested", "Detail": detail}
        answer = self.user.cloud.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        self.user.waits_until(lambda: len(self.checks("drift")) > len(before), "another drift.json")
        (key,) = set(self.checks("drift")) - set(before)
        found: dict[str, Any] = json.loads(self.user.reads(key))
        self.user.waits_until(self.is_idle, "the monitor at rest")
        return found

    def is_idle(self) -> bool:
        return not (self.monitor().checks or self.monitor().pending)

    def monitor(self) -> Any:
        from chalicelib.aws.store import Store

        return Store(self.user.cloud.client("dynamodb"), self.user.cloud.table).monitor(DATASET)

    def checks(self, kind: str) -> list[str]:
        return self.user.results(DATASET, f"{kind}.json")


def csv(rows: pd.DataFrame) -> bytes:
    return rows.to_csv(index=False).encode()


@pytest.fixture(scope="module")
def shop(user: User) -> Shop:
    return Shop(user)


@pytest.fixture(scope="module")
def loop(user: User, shop: Shop) -> dict[str, Any]:
    """Everything that happens, once; the tests look at what came of it."""
    seen: dict[str, Any] = {}
    user.puts(f"datasets/{DATASET}/relay.yaml", f"target: returned\n{BY_DEFAULT}{RETRAINS}".encode())
    user.puts(f"datasets/{DATASET}/train/spring.csv", csv(orders(1_200, 1)))
    user.waits_for_mail(DATASET)
    user.waits_until(lambda: is_at_rest(user), "the first run at its end")
    seen["first"] = user.stands(DATASET).live

    shop.calls(orders(400, 2), "calm")
    seen["calm"] = shop.asks_for_a_check()
    seen["after calm"] = kinds(user)

    moved = orders(1_000, 3, moved=True)
    shop.calls(moved, "moved")
    shop.labels(moved, "moved")
    user.waits_until(lambda: "quality-fell" in kinds(user), "the mail about quality")
    seen["moved"] = shop.asks_for_a_check()
    user.waits_until(lambda: kinds(user).count("promoted") == 2, "the retrained model live")
    user.waits_until(lambda: is_at_rest(user), "the second run at its end")
    seen["second"] = user.stands(DATASET).live

    shop.calls(orders(400, 4, moved=True), "settled")
    seen["settled"] = shop.asks_for_a_check()
    user.waits_until(lambda: "drift-over" in kinds(user), "the end of the drift")
    seen["mails"] = user.mails(DATASET)
    return seen


def is_at_rest(user: User) -> bool:
    stands = user.stands(DATASET)
    return stands.live is not None and not (stands.active or stands.pending)


def kinds(user: User) -> list[str]:
    return [mail.attributes["kind"] for mail in user.mails(DATASET)]


def mail_of(loop: dict[str, Any], kind: str) -> Mail:
    found = [mail for mail in loop["mails"] if mail.attributes["kind"] == kind]
    assert len(found) == 1
    return found[0]


def test_calm_traffic_is_silent(loop: dict[str, Any]) -> None:
    assert (loop["calm"]["state"], loop["calm"]["window"]["rows"], loop["calm"]["drifted"]) == ("stable", 400, [])
    assert loop["after calm"] == ["promoted"]


def test_traffic_that_moved_is_named_and_counted_once(loop: dict[str, Any]) -> None:
    moved = loop["moved"]
    assert (moved["state"], moved["window"]["rows"], moved["drifted"]) == ("drifted", 1_000, ["basket"])
    mail = mail_of(loop, "drift-found")
    assert "basket" in mail.subject
    assert "1,000 rows" in mail.body
    assert mail.attributes["severity"] in {"warning", "error"}


def test_what_the_drift_costs_is_estimated_from_the_ensembles_own_probabilities(loop: dict[str, Any]) -> None:
    calm, moved = (loop[name]["estimate"] for name in ("calm", "moved"))
    assert (calm["method"], calm["undefined"], moved["undefined"]) == ("confidence-based", None, None)
    auc = calm["metrics"]["auc"]
    assert auc["low"] < auc["at_promotion"] < auc["high"]
    assert calm["loss"] == "none"
    assert moved["metrics"]["auc"]["estimated"] != auc["estimated"]


def test_labels_say_that_the_model_is_worse(loop: dict[str, Any]) -> None:
    mail = mail_of(loop, "quality-fell")
    assert "1,000 of 1,000 labels found their row" in mail.body
    assert mail.attributes["severity"] == "error"


def test_the_model_is_trained_again_with_the_labelled_traffic_and_promoted(loop: dict[str, Any], user: User) -> None:
    assert loop["second"].run != loop["first"].run
    inputs = json.loads(user.reads(f"runs/{loop['second'].run}/inputs.json"))
    assert [entry["origin"] for entry in inputs["objects"]] == ["upload", "traffic"]
    (_, promoted) = [mail for mail in loop["mails"] if mail.attributes["kind"] == "promoted"]
    assert "better than the live model" in promoted.body
    assert "Monitoring asked for it, because of: drift" in promoted.body


def test_the_drift_is_over_for_the_new_model(loop: dict[str, Any]) -> None:
    assert (loop["settled"]["state"], loop["settled"]["window"]["rows"]) == ("stable", 400)
    assert loop["settled"]["run"] == loop["second"].run


def test_each_change_is_told_once_and_nothing_else(loop: dict[str, Any]) -> None:
    assert [mail.attributes["kind"] for mail in loop["mails"]] == [
        *("promoted", "quality-fell", "drift-found", "promoted", "drift-over"),
    ]


def test_large_baskets_that_are_kept_now_are_another_relation_which_the_same_mail_says(loop: dict[str, Any]) -> None:
    mail = mail_of(loop, "quality-fell")
    assert mail.subject.endswith("; other outcomes than before")
    assert "The same inputs now have other outcomes, since about " in mail.body
    assert "labelled rows, looked at in every check" in mail.body  # a few baskets are the same


def test_labelled_test_data_is_answered_with_the_live_model_s_quality(loop: dict[str, Any], user: User) -> None:
    user.puts(f"datasets/{DATASET}/test/june.csv", csv(orders(300, 5, moved=True)))
    user.waits_until(lambda: "tested" in kinds(user), "the mail about the test file")
    (mail,) = [mail for mail in user.mails(DATASET) if mail.attributes["kind"] == "tested"]
    assert "300 rows" in mail.body
    assert "ROC AUC" in mail.body
    assert mail.attributes["run"] == loop["second"].run


def test_a_file_of_rows_comes_back_with_the_answers_of_the_live_endpoint(loop: dict[str, Any], user: User) -> None:
    rows = orders(40, 7)[["items", "basket", "channel"]]
    rows.insert(0, "order", [f"o-{number}" for number in range(40)])
    user.puts(f"datasets/{DATASET}/score/june.csv", csv(rows))
    user.waits_until(lambda: "scored" in kinds(user), "the mail about the answered file")
    (mail,) = [mail for mail in user.mails(DATASET) if mail.attributes["kind"] == "scored"]
    assert "all 40 rows of june.csv" in mail.body
    assert mail.attributes["run"] == loop["second"].run
    result = re.search(r"^Result: s3://[^/]+/(\S+)$", mail.body, re.MULTILINE)
    assert result
    found = pd.read_csv(io.BytesIO(user.reads(result[1])), dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(found[list(rows.columns)], rows.astype(str), check_dtype=False)
    asked = user.asks(DATASET, csv(rows[["items", "basket", "channel"]]).decode())
    assert found[["predicted", "p(no)", "p(yes)"]].agg(",".join, axis=1).tolist() == asked


def test_a_test_file_that_cannot_be_used_is_answered_with_the_reason(loop: dict[str, Any], user: User) -> None:
    user.puts(f"datasets/{DATASET}/test/july.csv", csv(orders(300, 6)[["items", "returned"]]))
    user.waits_until(lambda: "check-failed" in kinds(user), "the mail about the test file")
    (mail,) = [mail for mail in user.mails(DATASET) if mail.attributes["kind"] == "check-failed"]
    assert "basket" in mail.body
    assert "july.csv" in mail.body
