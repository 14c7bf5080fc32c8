"""The embedded cloud left running (`up`): what to type to use it, and what happens in it, line by line."""

import contextlib
import shlex
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from chalicelib import names
from chalicelib.monitoring.record import Monitor
from local.cli import monitoring, programs
from local.cli.changes import changes
from local.cli.observer import Observer
from local.cli.progress import Progress
from local.cli.relay_run import Cloud
from local.mailbox import Mail, Mailbox
from local.pages import CONSOLE

LOOK_EVERY = 1.0  # seconds
PREFIX = "sagerelay"  # of the live endpoints' names
AWS = programs.beside("aws")
"""The AWS command line that is installed beside the embedded cloud."""
LOCAL, OPS = programs.ours("local"), programs.ours("ops")


def addresses(environment: Mapping[str, str], *, endpoint_url: str, bucket: str) -> list[str]:
    """Lines to copy into another shell: the environment, an upload, and where results appear.

    >>> lines = addresses({"AWS_REGION": "us-east-1"}, endpoint_url="http://127.0.0.1:4566", bucket="b")
    >>> "  export AWS_REGION=us-east-1" in lines
    True
    """
    return [
        f"The embedded cloud listens on {endpoint_url}; its bucket is {bucket}. Ctrl-C ends it.",
        f"How every dataset stands: {endpoint_url}{CONSOLE}",
        "",
        "In another shell:",
        *(f"  export {name}={shlex.quote(value)}" for name, value in sorted(environment.items())),
        "",
        "  # optional: settings first, then the data",
        f"  {AWS} s3 cp relay.yaml s3://{bucket}/datasets/my/relay.yaml",
        f"  {AWS} s3 cp my.csv s3://{bucket}/datasets/my/train/my.csv",
        "  # afterwards",
        f"  {AWS} s3 ls --recursive s3://{bucket}/runs/",
        "  # once a model is live: ask it",
        f"  {asking('my', Path('rows.csv'))}",
        "  # or have it answer a whole file; the mail says where the answers lie",
        f"  {AWS} s3 cp new.csv s3://{bucket}/datasets/my/score/new.csv",
        "  # prove that its monitoring works, and check its traffic for drift now",
        f"  {OPS} drill my",
        f"  {OPS} check my",
        "",
        "What happens, as it happens:",
    ]


def asking(dataset: str, rows: Path) -> str:
    """The command that sends rows to a dataset's model and prints its answers.

    >>> asking("my", Path("rows.csv")).partition(" ")[2].partition(" --content")[0]
    'sagemaker-runtime invoke-endpoint --endpoint-name sagerelay-my'
    """
    command = ["sagemaker-runtime", "invoke-endpoint", "--endpoint-name", names.live_endpoint(PREFIX, dataset)]
    command += ["--content-type", "text/csv", "--body", f"fileb://{rows}", "answer.csv"]
    return f"{AWS} {shlex.join(command)} && cat answer.csv"


def what_next(dataset: str, rows: Path | None, directory: Path) -> list[str]:
    """Lines to say once a model is live in a cloud that is kept in `directory`: how to go on with it."""
    return [
        "The model can be asked, fed and monitored on:",
        f"  {LOCAL} up --directory {shlex.quote(str(directory))}",
        "  # it prints what to export in another shell; there:",
        f"  {asking(dataset, rows or Path('rows.csv'))}",
    ]


def tell(cloud: Cloud, say: Callable[[str], object], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Say every change of every dataset, its monitor and every email, with the time of day, until interrupted."""
    observer = Observer(cloud.client, bucket=cloud.bucket, table=cloud.table)
    happening = Happening(observer, cloud.mailbox, say)
    while True:
        happening.look()
        sleep(LOOK_EVERY)


class Looking(Protocol):
    """The part of an Observer that is needed."""

    def datasets(self) -> list[str]: ...
    def look(self, dataset: str) -> Progress: ...
    def monitor(self, dataset: str) -> Monitor: ...


class Happening:
    """What has been said so far. An error in showing something is said too, once, and ends nothing: the cloud is what
    people rely on, and this only its display."""

    def __init__(self, observer: Looking, mailbox: Mailbox, say: Callable[[str], object]) -> None:
        self._observer, self._mailbox, self._say = observer, mailbox, say
        self._told = len(mailbox.mails)
        self._seen: dict[str, Progress] = {}
        self._monitored: dict[str, Monitor] = {}
        self._troubles: dict[str, str] = {}
        self._try("the datasets", self._begin)

    def look(self) -> None:
        """Say what is new."""
        self._try("the datasets", self._look_at_datasets)
        for mail in self._mailbox.mails[self._told :]:
            self._told += 1
            self._try("the mails", self._show, mail)

    def _begin(self) -> None:
        for name in self._observer.datasets():
            self._try(name, self._take_up, name)

    def _take_up(self, name: str) -> None:
        self._seen[name], self._monitored[name] = self._observer.look(name), self._observer.monitor(name)
        if words := monitoring.status(self._monitored[name]):
            self._say(f"{_now()}  {name}  {words}")

    def _look_at_datasets(self) -> None:
        for name in self._observer.datasets():
            self._try(name, self._look_at, name)

    def _look_at(self, name: str) -> None:
        before, monitored = self._seen.get(name, Progress()), self._monitored.get(name, Monitor(name))
        progress, monitor = self._observer.look(name), self._observer.monitor(name)
        # Seen before it is said: what cannot be said must not be tried again with every look.
        self._seen[name], self._monitored[name] = progress, monitor
        for line in [*changes(before, progress), *monitoring.changes(monitored, monitor)]:
            self._say(f"{_now()}  {name}  {line}")

    def _show(self, mail: Mail) -> None:
        self._say(f"{_now()}  mail: {mail.subject}")
        for line in mail.body.splitlines():
            self._say(f"    | {line}".rstrip())

    def _try(self, what: str, show: Callable[..., None], *arguments: object) -> None:
        try:
            show(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it was, the cloud runs on
            trouble = f"{what}: cannot be shown now ({type(error).__name__}: {error}); the cloud runs on"
            if self._troubles.get(what) != trouble:
                self._troubles[what] = trouble
                with contextlib.suppress(Exception):  # if nobody can be told, nobody is
                    self._say(f"{_now()}  {trouble}")
        else:
            self._troubles.pop(what, None)


def _now() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
