"""The console brought to whoever wants to look at it: its files fetched from the bucket, to be opened without a server.

The page is the bucket's own, as the sweep wrote it; nothing is made here.
"""

from __future__ import annotations

from pathlib import Path

from chalicelib import console
from chalicelib.aws.objects import Objects
from ops.target import OpsError, Target


def fetch(target: Target, folder: Path) -> Path:
    """Write the console's files into a folder, and give the page to be opened.

    Raises:
        OpsError: the sweep has not written them yet, or the folder cannot be written to.
    """
    objects = Objects(target.client("s3"), target.bucket)
    found = {key: objects.read(key) for key in (console.PAGE, console.DATA)}
    missing = [key for key, body in found.items() if body is None]
    if missing:
        raise OpsError(
            f"{target.bucket} has no {' and no '.join(missing)} yet. The sweep writes them, every few minutes; a "
            "deployment of an earlier release has none: bring it up to date first."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for key, body in found.items():
            (folder / Path(key).name).write_bytes(body or b"")
    except OSError as error:
        raise OpsError(f"{folder} cannot be written to: {error.strerror}. Name another one with --out.") from error
    return folder / Path(console.PAGE).name
