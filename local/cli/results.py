"""What stays after a run: report, figures, mails and rows to ask the model with, in one folder, `<out>/<run>/`."""

import csv
import io
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.names import RunKeys
from local.mailbox import Mail

_ROWS = 5


def save(s3: Any, bucket: str, *, run: str | None, mails: Sequence[Mail], out: Path) -> dict[str, Path]:
    """Copy what the run left in the bucket, and its mails. Answers with what could be saved, by name.

    A run that was refused or failed early has no report; its mails are saved all the same, below `refused` when there
    was no run at all.
    """
    folder = (out / (run or "refused")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    saved = {"folder": folder}
    keys = RunKeys(run) if run else None
    wanted = {} if keys is None else {"report": keys.report, "evaluation": keys.evaluation_json, "trials": keys.trials}
    for name, key in wanted.items():
        if (body := _read(s3, bucket, key)) is not None:
            saved[name] = folder / Path(key).name
            saved[name].write_bytes(body)
    if keys is not None and (rows := _rows_to_ask_with(s3, bucket, keys)):
        saved["rows"] = folder / "rows.csv"
        saved["rows"].write_text(rows, encoding="utf-8")
    for number, mail in enumerate(mails, 1):
        (folder / f"mail-{number}.txt").write_text(mail.as_text(), encoding="utf-8")
    return saved


def _rows_to_ask_with(s3: Any, bucket: str, keys: RunKeys) -> str | None:
    """The first rows that the model never saw, with a header and without the answer, as its endpoint takes them."""
    schema, test = _read(s3, bucket, keys.schema), _read(s3, bucket, f"{keys.prepared}/test/test.csv")
    if schema is None or test is None:
        return None
    target, text = json.loads(schema)["target"], io.StringIO()
    reader = csv.DictReader(io.StringIO(test.decode("utf-8"), newline=""))
    names = [name for name in reader.fieldnames or () if name != target]
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(islice(reader, _ROWS))
    return text.getvalue()


def _read(s3: Any, bucket: str, key: str) -> bytes | None:
    try:
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
            raise
        return None
    return body
