"""The console and the reports at the embedded cloud's own address, for a browser; nothing else of the bucket."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from tests.local.front_door import Door


@pytest.fixture
def bucket(door: Door) -> Any:
    """The bucket whose pages are shown, with a page of each kind and what is none."""
    s3 = door.client("s3")
    s3.create_bucket(Bucket="shown")
    for key, kind in {
        "console/index.html": "text/html; charset=utf-8",
        "console/data.js": "text/javascript; charset=utf-8",
        "runs/churn-1a2b3c4d/evaluation/report.html": "text/html",
        "datasets/churn/train/jan.csv": "text/csv",
        "runs/churn-1a2b3c4d/prepared/test.csv": "text/csv",
    }.items():
        s3.put_object(Bucket="shown", Key=key, Body=key.encode(), ContentType=kind)
    return s3


def got(door: Door, path: str, **headers: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(door.server.address.removeprefix("http://"))
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.headers["Content-Type"] or "", answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("console/index.html", "text/html; charset=utf-8"),
        ("console/data.js", "text/javascript; charset=utf-8"),
        ("runs/churn-1a2b3c4d/evaluation/report.html", "text/html"),
    ],
)
def test_a_page_is_shown_to_who_signs_nothing(door: Door, bucket: Any, key: str, kind: str) -> None:
    assert got(door, f"/-/{key}") == (200, kind, key.encode())
    assert got(door, f"/-/{key}", **{"Sec-Fetch-Site": "same-origin"})[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/-/datasets/churn/train/jan.csv",
        "/-/runs/churn-1a2b3c4d/prepared/test.csv",
        "/-/console/../datasets/churn/train/jan.csv",
        "/-/runs/../console/report.html",
        "/-/console/other.html",
        "/-/runs/nobody/evaluation/report.html",
        "/-/",
    ],
)
def test_nothing_else_is_and_a_sentence_says_so(door: Door, bucket: Any, path: str) -> None:
    status, kind, body = got(door, path)
    assert (status, kind) == (404, "text/plain; charset=utf-8")
    assert b"There is no such page here" in body


def test_a_page_from_elsewhere_gets_none(door: Door, bucket: Any) -> None:
    assert got(door, "/-/console/data.js", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})[0] == 403
    assert got(door, "/-/console/data.js", Host="evil.example")[0] == 403
