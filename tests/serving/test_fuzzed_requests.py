"""Requests spoiled in every way: each is answered with 200 or refused with a sentence, and never with status 500."""

from __future__ import annotations

import json

import numpy as np
import pytest

from local.serving.config import read_config
from local.serving.pipeline import Pipeline, load
from tests.serving.endpoints import ROW, configuration, trained

NAMES = ("age", "member", "plan", "town", "signup")
RECORD = {"age": 40, "member": True, "plan": "pro", "town": "town 1", "signup": "24.12.2020 10:00"}
WHOLE = [
    ("text/csv", f"{ROW}\n{ROW}\n"),
    ("text/csv", f'40,yes,"pro, or\nso",town 1,24.12.2020 10:00,7\r\n{ROW}'),
    ("application/json", json.dumps(RECORD)),
    ("application/json", json.dumps({"instances": [RECORD, RECORD]})),
    ("application/jsonlines", f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n"),
]
PIECES = [
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\r", b"\n", b"\r\n", b'"', b'""', b",", b",,,", b"\xef\xbb\xbf"),
    *(b"[", b"]", b"{", b"}", b"[" * 2_000, b'{"a":' * 2_000, b"\\", b"\\ud800", b"NaN", b"Infinity", b"-", b"null"),
    *(b"1e999", b"9" * 5_000, b"-0", b"1_000", "\N{ARABIC-INDIC DIGIT THREE}".encode(), b"\xe2\x80\x8b", b"true"),
    *(
        b"0000-00-00",
        b"9999-99-99",
        b"24.12.20200",
        b"T",
        b"#",
        b"=1+1",
        b"\\N",
        "e\N{COMBINING ACUTE ACCENT}".encode(),
    ),
]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    directory = tmp_path_factory.mktemp("fuzzed")
    return load(read_config(configuration(directory, trained(directory))).containers)


def spoiled(rng: np.random.Generator, body: bytes) -> bytes:
    """The body with a few pieces put in, cut out, doubled or changed."""
    for _ in range(int(rng.integers(1, 5))):
        start = int(rng.integers(0, len(body) + 1))
        stop = min(len(body), start + int(rng.integers(0, 12)))
        piece = PIECES[int(rng.integers(len(PIECES)))]
        match int(rng.integers(5)):
            case 0:
                body = body[:start] + piece + body[start:]
            case 1:
                body = body[:start] + piece + body[stop:]
            case 2:
                body = body[:start] + body[stop:]
            case 3:
                body = body[:stop] + body[start:]
            case _:
                body = body[:start] + bytes(rng.integers(0, 256, stop - start, dtype=np.uint8)) + body[stop:]
    return body


def asked(pipeline: Pipeline, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    statuses = set()
    for place in range(count):
        media, text = WHOLE[place % len(WHOLE)]
        body = spoiled(rng, text.encode())
        reply = pipeline.invoke(body, media, None)
        statuses.add(reply.status)
        assert reply.status in (200, 400), (seed, place, media, body[:300], reply)
        if reply.status == 400:
            assert len(json.loads(reply.body)["error"]) > 20, (seed, place)
    assert statuses == {200, 400}


def test_two_hundred_spoiled_requests(pipeline: Pipeline) -> None:
    asked(pipeline, 200, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
def test_twenty_thousand_spoiled_requests(pipeline: Pipeline, seed: int) -> None:
    asked(pipeline, 2_500, seed)


def test_bytes_that_are_no_text_are_refused_with_row_and_column(pipeline: Pipeline) -> None:
    """The real container hands CSV to the script as text with a replacement character for each such byte."""
    reply = pipeline.invoke(ROW.encode() + b"\n4\xff0,yes,pro,town 1,24.12.2020 10:00,7", "text/csv", None)

    assert reply.status == 400
    assert 'row 2: column "age" should hold a number' in json.loads(reply.body)["error"]


def test_brackets_nested_too_deep_are_refused(pipeline: Pipeline) -> None:
    reply = pipeline.invoke(b"[" * 2_000 + b"]" * 2_000, "application/json", None)

    assert reply.status == 400
    assert "nested too deep" in json.loads(reply.body)["error"]
