"""The laptop's servers answer programs of this machine, and nobody else: no other machine, and no web page."""

from __future__ import annotations

import ast
import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.wire.http_server import Answer, LoopbackServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    made = LoopbackServer(lambda _: Answer(200, (), b"ours"))
    made.start()
    yield made
    made.stop()


def status(server: LoopbackServer, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=120)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", "/bucket", body=b"x", headers=given)
    found = connection.getresponse().status
    connection.close()
    return found


def test_it_listens_on_the_loopback_address_only(server: LoopbackServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_every_socket_of_ours_is_bound_to_it() -> None:
    bound = []
    for room in ("local", "jobs", "ops", "chalicelib", "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "bind":
                    bound.append(ast.unparse(node.args[0]).partition(",")[0])
                assert not (isinstance(node, ast.Constant) and node.value in ("0.0.0.0", "::")), path  # noqa: S104
    assert len(bound) >= 2
    assert set(bound) == {"('127.0.0.1'"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Host": "evil.example"},
        {"Host": "evil.example:4566"},
        {"Host": "127.0.0.1.evil.example"},
    ],
    ids=str,
)
def test_a_web_page_is_refused(server: LoopbackServer, headers: dict[str, str]) -> None:
    assert status(server, **headers) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:4566"},
        {"Host": "bucket.s3.localhost:4566"},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
    ],
    ids=str,
)
def test_a_program_and_a_followed_link_are_answered(server: LoopbackServer, headers: dict[str, str]) -> None:
    assert status(server, **headers) == 200
