"""What the e-mail subscribers of a topic would find in their mailbox, and what SNS refuses to send them.

It observes Publish at the front door: moto accepts subjects that AWS refuses and sends no mail, so a handler that works
here only because moto is lenient would lose its most important message on AWS. It must not alter a message: what stands
here is what a person would read.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.wire.errors import ApiError

LONGEST_SUBJECT = 99  # characters: AWS wants fewer than 100
DEFAULT_SUBJECT = "AWS Notification Message"


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail: `sent_at` is ISO 8601 in UTC, `attributes` are the message attributes subscribers filter by."""

    message_id: str
    topic_arn: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    attributes: dict[str, str]
    sent_at: str

    def as_text(self) -> str:
        """Headers, a blank line, the body: what `less` and a mail program both show."""
        headers = {
            "To": ", ".join(self.recipients),
            "Date": self.sent_at,
            "Subject": self.subject,
            "Message-ID": self.message_id,
            **{f"X-Attribute-{name}": value for name, value in self.attributes.items()},
        }
        return "\n".join(f"{name}: {value}" for name, value in headers.items()) + f"\n\n{self.body}\n"


@dataclass(frozen=True, slots=True)
class Publication:
    """An SNS Publish as asked for."""

    topic_arn: str
    message: str
    subject: str | None
    structure: str | None
    attributes: dict[str, str]


def publication(form: Mapping[str, str]) -> Publication:
    """Reads Publish from its form (`MessageAttributes.entry.1.Name=...`)."""
    return Publication(
        topic_arn=form.get("TopicArn", form.get("TargetArn", "")),
        message=form.get("Message", ""),
        subject=form.get("Subject"),
        structure=form.get("MessageStructure"),
        attributes={
            name: form.get(f"{match[1]}.Value.StringValue", "")
            for key, name in form.items()
            if (match := re.fullmatch(r"(MessageAttributes\.entry\.\d+)\.Name", key))
        },
    )


def check(asked: Publication) -> None:
    """Raises ApiError InvalidParameter for what SNS refuses."""
    subject = asked.subject
    if subject is not None:
        if not re.fullmatch(r"[ -~]+", subject):
            raise ApiError(
                "InvalidParameter",
                f"Invalid parameter: Subject: {subject!r} must be printable ASCII without line breaks, and not empty",
            )
        if len(subject) > LONGEST_SUBJECT:
            raise ApiError(
                "InvalidParameter",
                f"Invalid parameter: Subject has {len(subject)} characters, at most {LONGEST_SUBJECT}",
            )
    if asked.structure == "json":
        _variants(asked.message)
    elif asked.structure is not None:
        raise ApiError("InvalidParameter", f"Invalid parameter: Message Structure: {asked.structure!r} is not json")


def _variants(message: str) -> dict[str, str]:
    try:
        variants = json.loads(message)
    except json.JSONDecodeError as error:
        raise ApiError("InvalidParameter", f"Invalid parameter: Message Structure - not JSON: {error}") from error
    if not isinstance(variants, dict) or not isinstance(variants.get("default"), str):
        raise ApiError(
            "InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body"
        )
    return variants


def body_for(protocol: str, asked: Publication) -> str:
    """The text a subscriber by this protocol gets."""
    if asked.structure != "json":
        return asked.message
    variants = _variants(asked.message)
    return str(variants.get(protocol, variants["default"]))


class Mailbox:
    """Keeps every mail, in order; thread-safe.

    `directory`: each mail is also written there as a text file.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._mails: list[Mail] = []
        self._readers: list[Callable[[Mail], None]] = []
        self._arrival = threading.Condition()

    @property
    def mails(self) -> tuple[Mail, ...]:
        with self._arrival:
            return tuple(self._mails)

    def subscribe(self, reader: Callable[[Mail], None]) -> None:
        """Calls `reader` with every mail from now on, in the thread of the publisher: be quick."""
        self._readers.append(reader)

    def wait_for(self, wanted: Callable[[Mail], bool], timeout: float) -> Mail:
        """The first mail, past or coming, that is `wanted`. Raises TimeoutError after `timeout` seconds."""
        with self._arrival:
            found = self._arrival.wait_for(lambda: next(filter(wanted, self._mails), None), timeout)
        if found is None:
            raise TimeoutError(f"no such mail within {timeout} s; subjects so far: {[m.subject for m in self.mails]}")
        return found

    def receive(self, asked: Publication, *, message_id: str, recipients: tuple[str, ...]) -> None:
        """Delivers a publication that SNS has accepted. Nobody subscribed: nobody is written to."""
        if not recipients:
            return
        mail = Mail(
            message_id=message_id,
            topic_arn=asked.topic_arn,
            recipients=recipients,
            subject=asked.subject or DEFAULT_SUBJECT,
            body=body_for("email", asked),
            attributes=asked.attributes,
            sent_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        with self._arrival:
            self._mails.append(mail)
            self._write(len(self._mails), mail)
            self._arrival.notify_all()
        for reader in tuple(self._readers):
            reader(mail)

    def _write(self, number: int, mail: Mail) -> None:
        if self._directory is None:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        slug = re.sub(r"[^a-z0-9]+", "-", mail.subject.lower()).strip("-")[:60]
        (self._directory / f"{number:04d}-{slug}.txt").write_text(mail.as_text(), encoding="utf-8")

    def snapshot(self) -> list[dict[str, Any]]:
        """Every mail as JSON-able data, for `restore`."""
        return [asdict(mail) for mail in self.mails]

    def restore(self, mails: list[dict[str, Any]]) -> None:
        """Puts back what `snapshot` gave; nobody is told again."""
        with self._arrival:
            self._mails = [Mail(**{**mail, "recipients": tuple(mail["recipients"])}) for mail in mails]
