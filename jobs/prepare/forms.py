"""The forms in which a run's rows are written: one, or one for each of several algorithms, in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from jobs.algorithms import DEFAULT, Algorithm, Registry
from jobs.schema import Schema
from jobs.settings import Settings

FORMS = "forms"
"""The folder, below prepared/, of rows that are written for several algorithms."""


@dataclass(frozen=True)
class Form:
    """How the rows are written for an algorithm: `folder` is where, below prepared/; "" where it is the only one."""

    name: object
    algorithm: Algorithm
    folder: str

    def of(self, schema: Schema) -> Schema:
        """The schema as it is where this is the only one."""
        own = {"algorithm": self.name, "content_type": self.algorithm.content_type}
        return cast("Schema", {**schema, **own})


def forms_of(settings: Settings, offered: Registry) -> list[Form]:
    """One, or one for each of several algorithms."""
    chosen = settings.get("algorithm", DEFAULT)
    if not isinstance(chosen, list):
        return [Form(chosen, offered.of(settings), "")]
    return [Form(name, offered.of({"algorithm": name}), f"{FORMS}/{name}") for name in chosen]
