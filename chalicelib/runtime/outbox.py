"""The outbox: every mail is kept in the table before it is sent, so that it is sent, and sent once.

Who wants a mail sent claims its id, hands it to SNS and notes that it was taken. Whoever dies in between leaves the
mail open in the table, and the sweep sends it. No other part of the house publishes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib import failures
from chalicelib.aws.errors import RefusedError
from chalicelib.aws.store import ConflictError, Store
from chalicelib.aws.topic import Topic
from chalicelib.mails import messages, plain
from chalicelib.mails.messages import Message, Refusal
from chalicelib.records.commands import Mail
from chalicelib.records.run import Run
from chalicelib.settings import fingerprints


class UnsentError(Exception):
    """SNS did not take a mail, which is kept for the sweep to send: nothing else has to wait for it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outbox:
    """The mails of this deployment, from when they are wanted until SNS has them."""

    store: Store
    topic: Topic

    def send(self, mail_id: str, message: Message, now: datetime) -> None:
        """Send a mail unless it was sent before.

        One that somebody else has claimed is kept with the claim: it is theirs to send, or the sweep's if they died of
        it, and nothing has to wait for that.

        Raises:
            UnsentError: SNS did not take it. It is kept, and the sweep's to send.
        """
        with suppress(ConflictError):
            if self.store.claim_mail(mail_id, messages.to_document(message), now):
                self._publish(mail_id, message, now)

    def sweep(self, mail_id: str, now: datetime) -> None:
        """Send a mail whose sender has died of it; one whose sender may still be alive is left to it.

        Raises:
            UnsentError: as `send`.
        """
        with suppress(ConflictError):
            self._send_again(mail_id, now)

    def send_refusal(self, dataset: str, refusal: Refusal, version: str, now: datetime) -> None:
        """Write to the owner about an upload that cannot be used, once for each version of it."""
        self.send(f"{refusal.key}#{version}", messages.about_refusal(dataset, refusal), now)

    def send_unreadable(self, kind: str, name: str, problem: Exception, now: datetime) -> None:
        """Write once about a record that cannot be read; a mail that was not taken is kept, and stops nobody."""
        with suppress(Exception):
            self.send(f"{kind}#{name}#unreadable", plain.about_record(kind, name, str(problem)), now)

    def send_denied(self, kind: str, name: str, why: str, now: datetime) -> None:
        """Write about a permission that is missing, once a month in whatever AWS says of it."""
        with suppress(Exception):
            mail_id = f"denied#{now:%Y-%m}#{fingerprints.digest([why])}"
            self.send(mail_id, plain.about_denial(kind, name, why), now)

    def _send_again(self, mail_id: str, now: datetime) -> None:
        document = self.store.unsent_mail(mail_id)
        if document is None:
            return
        try:
            message = messages.from_document(document)
        except ValueError:
            message = plain.instead_of(mail_id)
        if not self.store.claim_mail(mail_id, messages.to_document(message), now):
            return
        try:
            self._publish(mail_id, message, now)
        except UnsentError as unsent:
            if not isinstance(unsent.__cause__, RefusedError):
                raise
            self._publish(mail_id, plain.instead_of(mail_id), now)

    def _publish(self, mail_id: str, message: Message, now: datetime) -> None:
        try:
            message_id = self.topic.publish(message)
        except Exception as problem:
            self.store.release_mail(mail_id)
            raise UnsentError(f"{mail_id}: {problem}") from problem
        self.store.mail_sent(mail_id, now, message_id)


def id_of(mail: Mail, run: Run) -> str:
    """What makes a run's mail the same one, however often it is handed in."""
    # A run ends once, but each of its stages may have to wait, and for more than one thing.
    if mail is not Mail.WAITING:
        return f"{run.id}#{mail}"
    return f"{run.id}#{mail}#{run.stage}#{failures.failure_class(run.waiting_for or '')}"
