"""Records as JSON text and back, for every release that may meet them: one codec over dataclass fields and type hints.

A record outlives the code that wrote it: after an upgrade it is read by a newer release, after a rollback by an older
one. So reading is tolerant. A key that no field has is ignored, and a field that no key has takes its default, which
must be right for "nobody knew of this yet". What this release cannot understand it keeps in the record's `foreign`, out
of the way of every decision, and writes back untouched, so that the release that can finds it again: a command of an
unknown kind or for an unknown step, and a value of a type that its field has not. A word that its enum does not hold
stays that word, equal to none that a decision asks for (`is_foreign`).

What the other releases rely on: a field keeps its key (its name, unless `stored_as` says another) and its type, is
written whatever it holds, and is added only with a default (by `later`, as long as release 0.1.0 may have to read the
record). `version` is the store's own and not in the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict


class Record(Protocol):
    """What every record has, whatever it is about."""

    @property
    def foreign(self) -> Mapping[str, Any]: ...
    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=Record)
Reader = Callable[[Any], Any]

TAG = "command"
"""The key that says which member of a union an object is. The only unions of objects are the commands."""
_OWN = frozenset({"foreign", "version"})
"""What of a record is not in its text under its own name."""
_TROUBLE = (ValueError, TypeError, KeyError, AttributeError)


class UnreadableError(ValueError):
    """A stored record lacks what it cannot be without. Says which field."""


def later(default: Any) -> Any:
    """A field that release 0.1.0, which refuses unknown keys, does not know: it is not written while it is blank."""
    return field(default=default, metadata={"later": True})


def read_by(reader: Reader) -> Mapping[str, Any]:
    """The metadata of a field that a function of its own reads; it raises what `int` would."""
    return {"reader": reader}


def stored_as(key: str) -> Mapping[str, Any]:
    """The metadata of a field that every release reads and writes under this key, whatever it is called in the code."""
    return {"key": key}


def to_document(record: Record) -> str:
    """The record as JSON text."""
    values = _plain(record)
    shape = _shape(type(record), strict=False)
    for name, raw in record.foreign.items():
        ours = values.get(name, shape.defaults[name])
        if ours and name in shape.items and isinstance(raw, list):
            values[name] = (*ours, *raw)
        elif ours == shape.defaults[name]:
            values[name] = raw
    return json.dumps(values, default=_plain, separators=(",", ":"))


def from_document(kind: type[R], document: str, version: int) -> R:
    """The record that `to_document` wrote, in this release or another.

    Raises:
        UnreadableError: it is no record, or lacks a field that has no default.
    """
    try:
        values = json.loads(document)
    except (ValueError, RecursionError) as problem:
        raise UnreadableError(f"a {kind.__name__} is stored as JSON: {problem}") from None
    foreign: dict[str, Any] = {}
    read = _shape(kind, strict=False).read(values, foreign)
    made: Any = kind
    record: R = made(**read, foreign=foreign, version=version)
    return record


def is_stable(record: Record) -> bool:
    """Whether nothing is lost when the record is stored."""
    return from_document(type(record), to_document(record), record.version) == record


def is_foreign(word: StrEnum) -> bool:
    """Whether a stored word is one that this release does not know.

    >>> from chalicelib.names import Step
    >>> is_foreign(Step.TUNE), is_foreign(_word(Step, "distil"))
    (False, True)
    """
    return str(word) not in type(word)._value2member_map_


# --- writing


def _plain(value: Any) -> Any:
    """One level of a value as JSON has it. Not `asdict`, which copies all settings and takes ten times as long."""
    if isinstance(value, datetime):
        return value.isoformat()
    kind: Any = type(value)
    shape = _shape(kind, strict=False)
    plain = {TAG: shape.name} if kind in _tagged else {}
    for key, name in shape.names.items():
        plain[key] = getattr(value, name)
    for name in shape.later:
        if plain[name] == shape.defaults[name]:
            del plain[name]
    return plain


# --- reading


class _Shape(NamedTuple):
    """How the objects of a class are read and written. All but `name` goes by the fields' keys."""

    name: str
    names: Mapping[str, str]
    """The name of each field."""
    readers: Mapping[str, Reader]
    items: Mapping[str, Reader]
    """Of a record: how one item is read, for each field that holds many."""
    defaults: Mapping[str, Any]
    later: tuple[str, ...]

    def read(self, values: Any, foreign: dict[str, Any] | None = None) -> dict[str, Any]:
        """The fields' values. What cannot be understood goes to `foreign`; without one, it is an error."""
        if not isinstance(values, dict):
            raise UnreadableError(f"a {self.name} is stored as an object")
        read: dict[str, Any] = {}
        for name, reader in self.readers.items():
            if name not in values:
                if name not in self.defaults:
                    raise UnreadableError(f"a stored {self.name} lacks {name!r}")
                continue
            try:
                read[name] = reader(values[name])
            except _TROUBLE as problem:
                if foreign is None or (name not in self.defaults and name not in self.items):
                    raise UnreadableError(f"{name!r} of a stored {self.name} cannot be read: {problem}") from None
                foreign[name] = values[name]
                if name in self.items and isinstance(values[name], list):
                    read[name], foreign[name] = _understood(values[name], self.items[name])
        return {self.names[key]: value for key, value in read.items()}


def _understood(items: list[Any], reader: Reader) -> tuple[tuple[Any, ...], list[Any]]:
    """The items that this release can read, and those it cannot."""
    known, others = [], []
    for item in items:
        try:
            known.append(reader(item))
        except _TROUBLE:
            others.append(item)
    return tuple(known), others


_tagged: set[type] = set()
"""The members of unions, whose objects carry a tag. Known when the record that holds them has its shape."""


@cache
def _shape(kind: Any, *, strict: bool) -> _Shape:
    """Worked out once a class and process, when first needed: type hints are slow to resolve."""
    hints = get_type_hints(kind)
    members = {member.metadata.get("key", member.name): member for member in fields(kind)}
    if members.keys() >= _OWN:
        members = {key: member for key, member in members.items() if key not in _OWN}
    names = {key: member.name for key, member in members.items()}
    defaults = {key: _default(member) for key, member in members.items()}
    items = {key: get_args(hints[name])[0] for key, name in names.items() if get_origin(hints[name]) is tuple}
    return _Shape(
        kind.__name__,
        names,
        {
            key: member.metadata.get("reader") or _reader(hints[member.name], strict=strict)
            for key, member in members.items()
        },
        {name: _reader(item, strict=True) for name, item in items.items()},
        {name: default for name, default in defaults.items() if default is not MISSING},
        tuple(name for name, member in members.items() if member.metadata.get("later")),
    )


def _default(member: Field[Any]) -> Any:
    return member.default if member.default_factory is MISSING else member.default_factory()


def _reader(hint: Any, *, strict: bool) -> Reader:
    """What makes a value of this type of its stored form, or raises. `strict`: a word must be one of its enum."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return _union(args, strict=strict)
    if origin is tuple:
        item = _reader(args[0], strict=True)
        return lambda values: tuple([item(value) for value in _a(list, values)])
    if origin is not None:
        return lambda value: _a(dict, value)  # a mapping of plain values
    if hint is datetime:
        return _time
    if hint is Any:
        return lambda value: value
    if is_typeddict(hint):
        return lambda value: _a(dict, value)
    if is_dataclass(hint):
        made: Any = hint
        return lambda values: made(**_shape(made, strict=strict).read(values))
    if issubclass(hint, StrEnum):
        return hint if strict else lambda value: _word(hint, value)
    wanted = (int, float) if hint is float else hint
    return lambda value: _a(wanted, value)


def _union(members: tuple[Any, ...], *, strict: bool) -> Reader:
    kinds = [member for member in members if member is not type(None)]
    if len(kinds) == 1:
        reader = _reader(kinds[0], strict=strict)
        return lambda value: None if value is None else reader(value)
    _tagged.update(kinds)
    by_name = {kind.__name__: _reader(kind, strict=True) for kind in kinds}
    return lambda values: by_name[_a(dict, values)[TAG]](values)


def _a(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"a stored {type(value).__name__}")
    return value


def _time(value: Any) -> datetime:
    """With its offset from UTC: without one it could be compared with no other."""
    time = datetime.fromisoformat(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _word(enum: type[StrEnum], value: Any) -> StrEnum:
    try:
        return enum(_a(str, value))
    except ValueError:
        word = str.__new__(enum, value)
        word._name_ = word._value_ = value
        return word
