"""All that the page shows, as one document, and the script file that it lies in. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chalicelib import json_files
from chalicelib.console import datasets, health
from chalicelib.console.datasets import Seen
from chalicelib.deployment import DeploymentSettings

VERSION = 1
"""Of the document; one that was written by another release's is not built upon."""
_BEFORE, _AFTER = b"window.SAGERELAY = ", b";\n"


def of(
    rows: Sequence[Mapping[str, Any]],
    runs: Mapping[str, Mapping[str, Any]],
    unread: Sequence[str],
    costs: Mapping[str, Any] | None,
    deployment: DeploymentSettings,
    page: bytes,
    now: datetime,
) -> dict[str, Any]:
    """The document.

    Args:
        rows: the datasets by name, as `row` makes them.
        runs: every run that is shown, by its id, in the page's form.
        unread: datasets that cannot be read now; a row of one is what it was before.
        costs: the month so far, as `costs.entry` makes it; None where nobody has added it up.
        page: the page that shows it.
    """
    words = [(row["name"], health.Word(row["health"]["word"])) for row in rows]
    return {
        "version": VERSION,
        "page": digest(page),
        "written": json_files.moment(now),
        "deployment": {"prefix": deployment.prefix, "bucket": deployment.bucket, "region": deployment.region},
        "sentence": [list(piece) for piece in health.sentence(words)],
        "words": [str(word) for word in health.Word],
        "datasets": list(rows),
        "unread": list(unread),
        "runs": {run: entry for row in rows for run in row["versions"] if (entry := runs.get(run))},
        "costs": costs,
    }


def row(seen: Seen, before: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """A dataset for the page, with its runs of now and of `before`, its row of the writing before.

    Raises:
        ValueError: something of it is no JSON, as a number that is none.
    """
    own = datasets.shown(datasets.named_runs(seen.dataset), before.get("versions", []))
    made = datasets.row(seen, before, {run: runs[run] for run in own if run in runs}, now)
    json.dumps([made, [runs[run] for run in made["versions"]]], allow_nan=False)
    return made


def is_news(document: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether anything is another than before, but for the time at which it was written."""
    return {**document, "written": None} != {**before, "written": None}


def as_script(document: Mapping[str, Any]) -> bytes:
    """The document as the script file that the page loads. JSON is an expression of JavaScript: no text becomes code.

    >>> as_script({"name": "</script>"})
    b'window.SAGERELAY = {"name":"</script>"};\\n'
    """
    return _BEFORE + json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + _AFTER


def of_script(text: bytes | None) -> dict[str, Any]:
    """The document of a script file; an empty one of what is none of this release's, so that it is written anew.

    >>> of_script(None), of_script(b"alert(1)"), of_script(b'window.SAGERELAY = {"version": 0};')
    ({}, {}, {})
    """
    if text is None or not text.startswith(_BEFORE):
        return {}
    found = json_files.mapping(text.removeprefix(_BEFORE).rstrip().removesuffix(_AFTER.rstrip())) or {}
    return found if found.get("version") == VERSION and _is_whole(found) else {}


def _is_whole(document: Mapping[str, Any]) -> bool:
    """Whether it has the form of ours, as far as the next one is built upon it: somebody may have changed it."""
    rows, runs, costs = document.get("datasets"), document.get("runs"), document.get("costs")
    return (
        isinstance(rows, list)
        and all(_is_row(row) for row in rows)
        and isinstance(runs, dict)
        and all(isinstance(run, dict) and _is_run(run) for run in runs.values())
        and (costs is None or isinstance(costs, dict))
    )


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("name"), str)
        and isinstance(row.get("health"), dict)
        and row["health"].get("word") in set(health.Word)
        and all(isinstance(run, str) for run in _listed(row.get("versions")))
        and all(isinstance(row.get(name), list) for name in ("versions", "checks", "features"))
        and all(isinstance(check, dict) for check in row["checks"])
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [None]


def _is_run(run: Mapping[str, Any]) -> bool:
    named = {"verdict", "usd", "ended", "started", "took", "trials"}
    return named <= run.keys() and isinstance(run["trials"], list) and isinstance(run["usd"], int | float | None)


def page(text: str) -> bytes:
    """The page, of the text of page.html. Its policy names its one script and its one style by their hashes, and lets
    it load the data beside it and nothing else from anywhere."""
    style, script = (_hash(text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]) for tag in ("style", "script"))
    own = f"script-src 'self' {script}; style-src {style}; connect-src 'self'"
    return text.replace("POLICY", f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'", 1).encode()


def digest(page: bytes) -> str:
    """What tells the page of one release from another's."""
    return hashlib.sha256(page).hexdigest()[:16]


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
