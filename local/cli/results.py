"""What stays after a run: report, figures and mails in one folder, `<out>/<run>/`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.names import RunKeys
from local.mailbox import Mail


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
        path = folder / Path(key).name
        try:
            path.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
        else:
            saved[name] = path
    for number, mail in enumerate(mails, 1):
        (folder / f"mail-{number}.txt").write_text(mail.as_text(), encoding="utf-8")
    return saved
