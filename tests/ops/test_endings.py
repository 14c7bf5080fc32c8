"""How a command ends when AWS refuses what it asks."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from chalicelib.aws.objects import Objects
from ops.endings import CANNOT, clear_errors
from tests.ops.world import error


class Closed:
    def get_object(self, **_asked: Any) -> Any:
        raise error("AccessDenied")


def test_what_one_may_not_ask_through_the_relay_s_own_clients_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended, clear_errors():
        Objects(Closed(), "bucket").read("prices.json")
    assert ended.value.exit_code == CANNOT
    assert capsys.readouterr().err.startswith("AccessDenied: ")
