"""The table: run, dataset and monitor records, and which mails were sent. Writes are conditional on the version read.

One item a record: hash key `id` (`run#<run>`, `dataset#<name>`, `watch#<name>`, `budget#<name>`, `mail#...`), the
record as JSON in `document`, its `version`, and, as long as the sweep has to look after it, `open`, the hash key of the
sparse index `open-index`. `stage` is there for people who look at the table. The item `sweep` says how the last sweep
went; `look#<name>`, who looks at a dataset's folder (`looks.py`); `account#serverless`, that AWS took no serverless
endpoint. `traffic#<name>` says how often a live model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import codec
from chalicelib.monitoring.record import Monitor
from chalicelib.records import sweep
from chalicelib.records.dataset import Dataset
from chalicelib.records.ledger import Ledger
from chalicelib.records.run import Run
from chalicelib.records.sweep import Sweep
from chalicelib.records.traffic import Traffic
from chalicelib.settings import fingerprints

MAIL_LEASE = timedelta(minutes=10)
"""Longer than a Lambda lives, however slow it is and whatever its clock says: after it, whoever claimed a mail and did
not send it will not send it any more, and it may be claimed again."""
REFUSAL_HOLDS = timedelta(days=30)
"""How long a refused serverless endpoint is not asked for again: quotas are raised, images change."""
_REFUSAL = "account#serverless"


class ConflictError(Exception):
    """Somebody else has written the record since it was read."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Store:
    """The table behind records. `client` is a boto3 DynamoDB client."""

    client: Any
    table: str

    def run(self, run_id: str) -> Run | None:
        item = self._get(f"run#{run_id}")
        return _read(Run, item) if item else None

    def dataset(self, name: str) -> Dataset:
        """The dataset's record; a blank one when nothing is known of it yet."""
        item = self._get(f"dataset#{name}")
        return _read(Dataset, item) if item else Dataset(name)

    def save_run(self, run: Run) -> Run:
        """Write a run that was read (or is new: version 0), and give it back with its new version.

        Raises:
            ConflictError: its version in the table is another.
        """
        self._put(f"run#{run.id}", codec.to_document(run), run.version, is_open=run.open, stage=str(run.stage))
        return replace(run, version=run.version + 1)

    def save_dataset(self, dataset: Dataset) -> Dataset:
        """Write a dataset, as `save_run`."""
        stage = f"run {dataset.active}" if dataset.active else "idle"
        document = codec.to_document(dataset)
        self._put(f"dataset#{dataset.name}", document, dataset.version, is_open=dataset.open, stage=stage)
        return replace(dataset, version=dataset.version + 1)

    def monitor(self, name: str) -> Monitor:
        """How a dataset's live model is monitored; a blank record when nothing is known of it yet."""
        item = self._get(f"watch#{name}")
        return _read(Monitor, item) if item else Monitor(name)

    def save_monitor(self, monitor: Monitor) -> Monitor:
        """Write a monitor, as `save_run`."""
        document = codec.to_document(monitor)
        self._put(
            f"watch#{monitor.dataset}", document, monitor.version, is_open=monitor.open, stage=monitor.drift.state
        )
        return replace(monitor, version=monitor.version + 1)

    def ledger(self, name: str) -> Ledger:
        """What a dataset has committed; a blank one where it never had a budget."""
        item = self._get(f"budget#{name}")
        return _read(Ledger, item) if item else Ledger(name)

    def save_ledger(self, ledger: Ledger) -> Ledger:
        """Write a ledger, as `save_run`."""
        document = codec.to_document(ledger)
        self._put(f"budget#{ledger.dataset}", document, ledger.version, is_open=False, stage="budget")
        return replace(ledger, version=ledger.version + 1)

    def traffic(self, name: str) -> Traffic:
        """How often a dataset's model is asked; a blank record where nobody has counted yet."""
        item = self._get(f"traffic#{name}")
        return _read(Traffic, item) if item else Traffic(name)

    def save_traffic(self, traffic: Traffic) -> Traffic:
        """Write what was counted, as `save_run`."""
        document = codec.to_document(traffic)
        self._put(f"traffic#{traffic.dataset}", document, traffic.version, is_open=False, stage=str(traffic.mode))
        return replace(traffic, version=traffic.version + 1)

    def open_records(self) -> Iterator[tuple[str, str]]:
        """Kind and name of everything the sweep has to look after, for example `("run", "churn-1a2b3c4d")`. Sorted."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            IndexName="open-index",
            KeyConditionExpression="#open = :yes",
            ExpressionAttributeNames={"#open": "open"},
            ExpressionAttributeValues={":yes": {"S": "yes"}},
        )
        for page in pages:
            for item in page["Items"]:
                yield sweep.record(item["id"]["S"])

    def last_sweep(self) -> Sweep | None:
        """The last sweep that came to its end; None before the first."""
        item = self._get("sweep")
        return sweep.of_item(item) if item else None

    def save_sweep(self, seen: Sweep) -> None:
        """Remember a sweep that came to its end."""
        self.client.put_item(TableName=self.table, Item={"id": {"S": "sweep"}, **sweep.to_item(seen)})

    def remember_refusal(self, reason: str, now: datetime) -> None:
        """Keep what AWS said when it took no serverless endpoint of this account."""
        item = {"id": {"S": _REFUSAL}, "at": {"S": now.isoformat()}, "reason": {"S": reason}}
        self.client.put_item(TableName=self.table, Item=item)

    def refusal(self, now: datetime) -> str:
        """What AWS said then; empty where it has not, or so long ago that it may be asked again."""
        item = self._get(_REFUSAL) or {}
        try:
            at, reason = datetime.fromisoformat(item["at"]["S"]), str(item["reason"]["S"])
            return reason if now - at < REFUSAL_HOLDS else ""
        except (LookupError, TypeError, ValueError):
            return ""  # there is none, or somebody has changed it by hand

    def wait(self, dataset: str, subject: str, version: str) -> None:
        """Keep a file for which its monitor has no room; one that was kept before is not kept again."""
        key = f"waiting#{dataset}#{fingerprints.digest([subject, version])}"
        item = {"id": key, "open": "yes", "subject": subject, "version": version}
        self._put_if({name: {"S": value} for name, value in item.items()}, "attribute_not_exists(id)", {})

    def waiting(self, name: str) -> tuple[str, str] | None:
        """The subject and version of a file that waits; None when it waits no longer."""
        item = self._get(f"waiting#{name}") or {}
        return (item["subject"]["S"], item["version"]["S"]) if "open" in item else None

    def waits_no_longer(self, name: str) -> None:
        """The monitor has taken a file that waited."""
        self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": f"waiting#{name}"}},
            UpdateExpression="REMOVE #open",
            ExpressionAttributeNames={"#open": "open"},
        )

    def claim_mail(self, mail_id: str, document: str, now: datetime) -> bool:
        """Whether this mail is still to be sent, by the caller and nobody else; False when it was sent.

        The mail itself is kept with the claim: if the caller dies, the sweep sends it. A claim that is not confirmed
        by `mail_sent` runs out: a mail twice is better than none.

        Raises:
            ConflictError: somebody else is sending it, or has died of it; which, is known when the claim has run out.
        """
        key = f"mail#{mail_id}"
        claimed = self._put_if(
            {"id": {"S": key}, "claimed": {"S": now.isoformat()}, "document": {"S": document}, "open": {"S": "yes"}},
            # A claim that is no time at all, or one that no clock shows, is nobody's: somebody has changed it.
            "attribute_not_exists(id) OR (attribute_not_exists(sent) AND (NOT claimed >= :stale OR claimed >= :never))",
            {
                ":stale": {"S": (now - MAIL_LEASE).isoformat()},
                ":never": {"S": (now + timedelta(days=1)).isoformat()},
            },
        )
        if not claimed and "sent" not in (self._get(key) or {}):
            raise ConflictError(key)
        return claimed

    def unsent_mail(self, mail_id: str) -> str | None:
        """A mail that was claimed and not confirmed, whatever it is by now; None when it was."""
        item = self._get(f"mail#{mail_id}")
        if item is None or "sent" in item:
            return None
        return str(item.get("document", {}).get("S", ""))

    def mail_sent(self, mail_id: str, now: datetime, message_id: str) -> None:
        """Confirm that a claimed mail was handed to SNS. Only that it was is kept, not the mail."""
        self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": f"mail#{mail_id}"}},
            UpdateExpression="SET sent = :now, message_id = :message REMOVE #open, #document",
            ExpressionAttributeNames={"#open": "open", "#document": "document"},
            ExpressionAttributeValues={":now": {"S": now.isoformat()}, ":message": {"S": message_id}},
        )

    def release_mail(self, mail_id: str) -> None:
        """Give a claim back after SNS refused, so that the next try need not wait for it to run out."""
        self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": f"mail#{mail_id}"}},
            UpdateExpression="SET claimed = :never",
            ExpressionAttributeValues={":never": {"S": ""}},
        )

    def update(
        self, key: str, change: str, condition: str | None, values: dict[str, str | int], answer: str = "NONE"
    ) -> dict[str, Any] | None:
        """Change an item in place, and give the attributes asked for; None when the condition does not hold."""
        request: dict[str, Any] = {"UpdateExpression": change, "ReturnValues": answer}
        if condition:
            request["ConditionExpression"] = condition
        if "#open" in change:  # a word that DynamoDB keeps for itself
            request["ExpressionAttributeNames"] = {"#open": "open"}
        request["ExpressionAttributeValues"] = {
            name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in values.items()
        }
        try:
            found = self.client.update_item(TableName=self.table, Key={"id": {"S": key}}, **request)
        except self.client.exceptions.ConditionalCheckFailedException:
            return None
        attributes: dict[str, Any] = found.get("Attributes", {})
        return attributes

    def _get(self, key: str) -> dict[str, Any] | None:
        answer = self.client.get_item(TableName=self.table, Key={"id": {"S": key}}, ConsistentRead=True)
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _put(self, key: str, document: str, version: int, *, is_open: bool, stage: str) -> None:
        item = {
            "id": {"S": key},
            "document": {"S": document},
            "version": {"N": str(version + 1)},
            "stage": {"S": stage},
        }
        if is_open:
            item["open"] = {"S": "yes"}
        condition = "attribute_not_exists(id)" if version == 0 else "version = :read"
        if not self._put_if(item, condition, {":read": {"N": str(version)}} if version else {}):
            raise ConflictError(key)

    def _put_if(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> bool:
        request = {"TableName": self.table, "Item": item, "ConditionExpression": condition}
        if values:
            request["ExpressionAttributeValues"] = values
        try:
            self.client.put_item(**request)
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _read(kind: type[codec.R], item: dict[str, Any]) -> codec.R:
    """The record that an item holds.

    Raises:
        UnreadableError: it holds none.
    """
    try:
        document, version = item["document"]["S"], int(item["version"]["N"])
    except (LookupError, TypeError, ValueError):
        raise codec.UnreadableError(f"a {kind.__name__} has a document and a version") from None
    return codec.from_document(kind, document, version)
