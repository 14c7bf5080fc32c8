"""Drop a dataset in the bucket and watch the relay until it has come to an end: what `demo` and `run` share.

It waits for the relay's own word, the email, and not for a state it knows from inside. Should nothing at all move any
more, it says so after a while instead of waiting for ever.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from chalicelib.names import DatasetKeys, Step
from chalicelib.records.commands import Mail as Kind
from chalicelib.records.run import Stage
from local.cli.cells import cells_meant
from local.cli.observer import Observer
from local.cli.progress import Progress, seconds_inside
from local.cli.screen import Teller
from local.cli.upload import Upload
from local.mailbox import Mail, Mailbox

LOOK_EVERY = 0.4  # seconds
SILENCE = 120.0  # seconds without any change and with nothing in flight
LATE_MAIL = 15.0  # seconds that an ended run's email may take
ENDPOINTS = {Step.CANDIDATE, Step.LIVE}
FINAL = {Kind.PROMOTED, Kind.REJECTED, Kind.FAILED, Kind.REFUSED, Kind.APPROVAL_NEEDED}


class Cloud(Protocol):
    """The part of the embedded cloud that a run needs."""

    mailbox: Mailbox

    @property
    def bucket(self) -> str: ...
    @property
    def table(self) -> str: ...
    def client(self, service: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the last look, its mails, and how long it took from upload to email."""

    progress: Progress
    mails: tuple[Mail, ...]
    seconds: float
    inside: float
    """Seconds of these in which a job ran or an endpoint came up."""
    inside_jobs: float
    """Seconds of these in which a job ran."""
    stalled: bool = False

    @property
    def live(self) -> bool:
        return any(mail.attributes.get("kind") == Kind.PROMOTED for mail in self.mails)

    @property
    def own_share(self) -> float:
        """The part of the time in which neither a job ran nor an endpoint came up, 0 to 1."""
        return (self.seconds - self.inside) / self.seconds if self.seconds else 0.0

    @property
    def share_outside_jobs(self) -> float:
        """The part of the time in which no job ran, 0 to 1."""
        return (self.seconds - self.inside_jobs) / self.seconds if self.seconds else 0.0


def drop(s3: Any, bucket: str, upload: Upload) -> None:
    """Put the settings first, then the files, so that the first file already finds its settings."""
    if upload.settings is not None:
        s3.put_object(Bucket=bucket, Key=DatasetKeys(upload.dataset).settings, Body=upload.settings.encode())
    for key, path in upload.objects():
        s3.upload_file(str(path), bucket, key)


def is_there(s3: Any, bucket: str, upload: Upload) -> bool:
    """Whether the bucket holds these very files and settings already: the relay starts nothing for them then."""
    wanted = {key: path.read_bytes() for key, path in upload.objects()}
    if upload.settings is not None:
        wanted[DatasetKeys(upload.dataset).settings] = upload.settings.encode()
    try:
        return all(s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body for key, body in wanted.items())
    except ClientError:
        return False


def watch(
    cloud: Cloud,
    dataset: str,
    teller: Teller,
    *,
    since: int = 0,
    started: datetime | None = None,
    beneath: Callable[[Mail], Sequence[str]] = lambda _mail: (),
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Tell everything that can be seen of the dataset's run until its last email is there.

    `since` is how many mails lay in the mailbox before the upload, `started` when the upload began, `beneath` what is
    told below a mail on this terminal and is no part of it.
    """
    start = started or datetime.now(UTC)
    observer = Observer(cloud.client, bucket=cloud.bucket, table=cloud.table)
    told, before, changed = since, Progress(), clock()
    while True:
        progress = observer.look(dataset)
        teller.look(progress)
        mails = cloud.mailbox.mails
        for mail in mails[told:]:
            teller.mail(mail)
            for line in beneath(mail):
                teller.say(line)
        if progress != before or len(mails) != told:
            before, changed = progress, clock()
        told = len(mails)
        quiet = clock() - changed
        stalled = quiet > SILENCE and all(work.finished for work in progress.works)
        if stalled or _ended(progress, mails[since:], quiet):
            return _outcome(progress, mails[since:], start, stalled=stalled)
        sleep(LOOK_EVERY)


def play(cloud: Cloud, upload: Upload, teller: Teller) -> Outcome:
    """Drop and watch."""
    since, started = len(cloud.mailbox.mails), datetime.now(UTC)
    for key, path in upload.objects():
        teller.say(f"{path.name} ({path.stat().st_size:,} bytes) -> s3://{cloud.bucket}/{key}")
    drop(cloud.client("s3"), cloud.bucket, upload)
    return watch(
        cloud, upload.dataset, teller, since=since, started=started, beneath=lambda mail: cells_meant(mail.body, upload)
    )


def conclusion(outcome: Outcome) -> str:
    """One sentence: what came of it, and why if it is not live."""
    if outcome.live:
        return f"The model is live. It took {outcome.seconds:.1f} s from upload to email; {_own(outcome)}"
    if outcome.stalled:
        return (
            f"Nothing has moved for {SILENCE:.0f} s and no email came. The functions' logs, below /aws/lambda/ in "
            "CloudWatch Logs, say what happened; `up --directory DIR` keeps them to look at."
        )
    progress, last = outcome.progress, outcome.mails[-1].subject if outcome.mails else "no email"
    return f"The model is not live ({progress.stage or 'no run was started'}): {progress.reason or last}"


def report_of(saved: dict[str, Path]) -> Path:
    """The report if there is one, else the folder with the mails."""
    return saved.get("report", saved["folder"])


def _own(outcome: Outcome) -> str:
    own = outcome.seconds - outcome.inside
    return f"the relay's own part is {own:.1f} s, {outcome.own_share:.0%} (the rest is jobs and endpoints starting)."


def _ended(progress: Progress, mails: tuple[Mail, ...], quiet: float) -> bool:
    if not any(mail.attributes.get("kind") in FINAL for mail in mails):
        return progress.over and quiet > LATE_MAIL
    # A refusal may come while there is no run; otherwise the record has to agree that the run is over.
    return progress.over or progress.run is None or progress.stage == Stage.AWAITING_APPROVAL


def _outcome(progress: Progress, mails: tuple[Mail, ...], start: datetime, *, stalled: bool) -> Outcome:
    end = datetime.fromisoformat(mails[-1].sent_at) if mails else datetime.now(UTC)
    seconds = (end - start).total_seconds()
    jobs = [work for work in progress.works if work.step not in ENDPOINTS]
    return Outcome(
        progress,
        mails,
        seconds,
        inside=seconds_inside(progress.works, start, end),
        inside_jobs=seconds_inside(jobs, start, end),
        stalled=stalled,
    )
