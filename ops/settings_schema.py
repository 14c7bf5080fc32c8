"""JSON Schema of relay.yaml, for editors: they complete keys, show what each is for, and mark what cannot be.

Made from the settings themselves (chalicelib/settings/dataset.py), so that it never says something else than they do.
A schema knows less than they: what one key means for another is told by `sagerelay validate`. Pure.
"""

from __future__ import annotations

from typing import Any

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.settings.dataset import DatasetSettings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema, of JSON Schema's draft 2020-12.

    >>> schema()["properties"]["task"]["enum"]
    ['auto', 'binary', 'multiclass', 'regression']
    """
    made = _plain(DatasetSettings.model_json_schema())
    made["properties"]["algorithm"] = _algorithm(made["properties"]["algorithm"], BUILT_IN)
    # YAML reads an unquoted 1 as a number, and the settings take it for the word that is meant.
    for name in ("target", "positive_class"):
        made["properties"][name]["anyOf"].append({"type": "number"})
    made["$defs"]["Range"]["properties"]["values"]["anyOf"][0]["items"] = {"type": ["string", "number", "boolean"]}
    return {"$schema": DIALECT, "title": "relay.yaml of SageRelay", **made}


def _algorithm(made: dict[str, Any], offered: Registry) -> dict[str, Any]:
    """A name, or a form in which code of the user's own is offered. pydantic knows neither which those are."""
    forms: list[dict[str, Any]] = [{"enum": sorted(offered.loaders)}]
    for one in made.pop("oneOf"):
        described = {"Script": "script", "Image": "image"}.get(str(one.get("$ref", "")).rpartition("/")[2])
        forms += [one] if described in offered.own else []
    names = {"type": "array", "items": forms[0], "minItems": 2, "uniqueItems": True}
    forms.append(names)
    return {**made, "anyOf": forms, "default": offered.default}


def _plain(node: Any) -> Any:
    """Without the titles that pydantic makes of names, which editors would show in place of the keys."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    return {key: _plain(value) for key, value in kept.items()}
