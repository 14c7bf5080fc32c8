"""The mailbox: publications in, mails out."""

import json
from pathlib import Path

import pytest

from local.mailbox import DEFAULT_SUBJECT, Mail, Mailbox, Publication, body_for, check, publication
from local.wire.errors import ApiError

FORM = {
    "Action": "Publish",
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:t",
    "Message": "hello",
    "Subject": "churn: promoted",
    "MessageAttributes.entry.1.Name": "kind",
    "MessageAttributes.entry.1.Value.DataType": "String",
    "MessageAttributes.entry.1.Value.StringValue": "verdict",
    "MessageAttributes.entry.2.Name": "dataset",
    "MessageAttributes.entry.2.Value.StringValue": "churn",
}


def asked(**changes: object) -> Publication:
    fields = {"topic_arn": "t", "message": "m", "subject": "s", "structure": None, "attributes": {}, **changes}
    return Publication(**fields)  # type: ignore[arg-type]


def test_a_publication_is_read_from_its_form() -> None:
    read = publication(FORM)
    assert (read.message, read.subject) == ("hello", "churn: promoted")
    assert read.attributes == {"kind": "verdict", "dataset": "churn"}


def test_subscribers_by_mail_get_the_text_meant_for_them() -> None:
    message = json.dumps({"default": "{}", "email": "for people"})
    assert body_for("email", asked(message=message, structure="json")) == "for people"
    assert body_for("sqs", asked(message=message, structure="json")) == "{}"
    assert body_for("email", asked(message=message)) == message


@pytest.mark.parametrize("subject", ["a" * 100, "a\nb", "a\tb", "é", ""])
def test_subjects_that_sns_refuses(subject: str) -> None:
    with pytest.raises(ApiError) as refused:
        check(asked(subject=subject))
    assert refused.value.code == "InvalidParameter"


@pytest.mark.parametrize("message", ["no json", "[]", '{"email": "m"}', '{"default": 1}'])
def test_structures_that_sns_refuses(message: str) -> None:
    with pytest.raises(ApiError, match="Message Structure"):
        check(asked(message=message, structure="json"))
    with pytest.raises(ApiError, match="Message Structure"):
        check(asked(structure="xml"))


def test_mails_are_kept_written_and_told(tmp_path: Path) -> None:
    mailbox, told = Mailbox(tmp_path), list[Mail]()
    mailbox.subscribe(told.append)
    mailbox.receive(asked(subject="churn: promoted / 91 %", message="body"), message_id="1", recipients=("a@b.c",))
    mailbox.receive(asked(subject=None), message_id="2", recipients=("a@b.c",))
    mailbox.receive(asked(), message_id="3", recipients=())
    assert [mail.subject for mail in mailbox.mails] == ["churn: promoted / 91 %", DEFAULT_SUBJECT]
    assert told == list(mailbox.mails)
    text = (tmp_path / "0001-churn-promoted-91.txt").read_text()
    assert "Subject: churn: promoted / 91 %\n" in text
    assert text.endswith("\n\nbody\n")


def test_waiting_for_a_mail() -> None:
    mailbox = Mailbox()
    mailbox.receive(asked(subject="one"), message_id="1", recipients=("a@b.c",))
    assert mailbox.wait_for(lambda mail: mail.subject == "one", 1).message_id == "1"
    with pytest.raises(TimeoutError, match="one"):
        mailbox.wait_for(lambda mail: mail.subject == "two", 0.05)


def test_mails_survive_as_data() -> None:
    before, after = Mailbox(), Mailbox()
    before.receive(asked(attributes={"kind": "k"}), message_id="1", recipients=("a@b.c",))
    after.restore(json.loads(json.dumps(before.snapshot())))
    assert after.mails == before.mails
