"""A file put where the relay finds it: into a dataset's folder, as an upload by any other means."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from boto3.exceptions import Boto3Error

from ops.target import OpsError, Target

FOLDERS = ("train", "test", "labels", "score")
_SETTINGS = "relay.yaml"


def place(file: Path, dataset: str, folder: str) -> str:
    """The key that a file gets. Settings lie beside the folders, whatever folder is said.

    >>> place(Path("jan.csv"), "churn", "train"), place(Path("my/relay.yaml"), "churn", "train")
    ('datasets/churn/train/jan.csv', 'datasets/churn/relay.yaml')
    """
    return f"datasets/{dataset}/{_SETTINGS if file.name == _SETTINGS else f'{folder}/{file.name}'}"


def put(target: Target, file: Path, key: str) -> None:
    """Upload a file.

    Raises:
        OpsError: it cannot be read, is hidden, or the bucket does not take it.
    """
    if file.name.startswith((".", "_")):
        raise OpsError(f"{file.name} would not be read: files whose names begin with . or _ are no data. Rename it.")
    if not file.is_file():
        raise OpsError(f"{file} is {'a folder: name its files' if file.is_dir() else 'not there'}.")
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    try:
        target.client("s3").upload_file(str(file), target.bucket, key, ExtraArgs={"ContentType": kind})
    except (OSError, Boto3Error) as error:
        raise OpsError(f"{file} could not be uploaded: {error}") from error
