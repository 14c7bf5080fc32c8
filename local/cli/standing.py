"""The embedded cloud left running (`up`): what to type to use it, and what happens in it, line by line."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.watch.record import Watch
from local.cli import watching
from local.cli.observer import Observer
from local.cli.progress import Progress
from local.cli.relay_run import Cloud
from local.cli.story import changes

LOOK_EVERY = 1.0  # seconds
PYTHON = os.path.relpath(sys.executable)


def addresses(environment: Mapping[str, str], *, endpoint_url: str, bucket: str) -> list[str]:
    """Lines to copy into another shell: the environment, an upload, and where results appear.

    >>> lines = addresses({"AWS_REGION": "us-east-1"}, endpoint_url="http://127.0.0.1:4566", bucket="b")
    >>> "  export AWS_REGION=us-east-1" in lines
    True
    """
    return [
        f"The embedded cloud listens on {endpoint_url}; its bucket is {bucket}. Ctrl-C ends it.",
        "",
        "In another shell:",
        *(f"  export {name}={value}" for name, value in sorted(environment.items())),
        "",
        "  # optional: settings first, then the data",
        f"  aws --endpoint-url {endpoint_url} s3 cp relay.yaml s3://{bucket}/datasets/my/relay.yaml",
        f"  aws --endpoint-url {endpoint_url} s3 cp my.csv s3://{bucket}/datasets/my/train/my.csv",
        "  # afterwards",
        f"  aws --endpoint-url {endpoint_url} s3 ls --recursive s3://{bucket}/runs/",
        "  # once a model is live: prove that its watch works, and check its traffic for drift now",
        f"  {PYTHON} -m ops drill my",
        f"  {PYTHON} -m ops check my",
        "",
        "What happens, as it happens:",
    ]


def tell(cloud: Cloud, say: Callable[[str], object], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Say every change of every dataset, its watch and every email, with the time of day, until interrupted."""
    observer = Observer(cloud.client, bucket=cloud.bucket, table=cloud.table)
    seen = {name: observer.look(name) for name in observer.datasets()}
    watched = {name: observer.watch(name) for name in seen}
    for name, watch in watched.items():
        if words := watching.standing(watch):
            say(f"{_now()}  {name}  {words}")
    told = len(cloud.mailbox.mails)
    while True:
        for name in observer.datasets():
            progress = observer.look(name)
            for line in changes(seen.get(name, Progress()), progress):
                say(f"{_now()}  {name}  {line}")
            watch = observer.watch(name)
            for line in watching.changes(watched.get(name, Watch(name)), watch):
                say(f"{_now()}  {name}  {line}")
            seen[name], watched[name] = progress, watch
        for mail in cloud.mailbox.mails[told:]:
            told += 1
            say(f"{_now()}  mail: {mail.subject}")
            for line in mail.body.splitlines():
                say(f"    | {line}".rstrip())
        sleep(LOOK_EVERY)


def _now() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
