"""What a case is, and the good file that the cases spoil."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.prepare.tables import column, text

KEY = "datasets/churn/train/jan.csv"
TARGET = {"target": "churned"}


@dataclass(frozen=True)
class Case:
    """Content in, code out; `says` are parts of the sentence: the place above all."""

    code: str
    content: bytes | str | Mapping[str, bytes | str]
    says: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    @property
    def files(self) -> Mapping[str, bytes | str]:
        return self.content if isinstance(self.content, Mapping) else {KEY: self.content}

    @property
    def given(self) -> dict[str, Any]:
        return TARGET | self.settings


def parquet(frame: pd.DataFrame, *, index: bool = False) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=index)
    return out.getvalue()


GOOD = text()
FRAME = pd.read_csv(io.StringIO(GOOD))
NESTED = FRAME.assign(plan=pd.Series([["a", "b"]] * 60))
WIDE = ",".join(f"c{i}" for i in range(20_000))
MANY = [f"class {i}" for i in range(101)]


def regression(cell: Callable[[int], str]) -> str:
    return text(column(3, lambda _, i: cell(i)))
