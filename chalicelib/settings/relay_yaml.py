"""relay.yaml, from text to settings: a mistake becomes a sentence naming the key, the value and what is allowed.

Must never raise anything but `SettingsError` on what a person wrote, because the mail that explains the mistake is the
only thing they will see.
"""

from __future__ import annotations

import re
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.settings import own_code
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.section import Choice, did_you_mean

MAX_BYTES = 64 * 1024
_SHOWN = 60
_WORD = re.compile("'([^']+)'")
_A_DATE = "a date such as 2027-01-31"
_BY_ALGORITHM = {("hyperparameters",), ("tuning",), ("decision",)}


class SettingsError(ValueError):
    """relay.yaml cannot be used. `problems` holds one sentence a mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_settings(text: str | bytes | None, offered: Registry = BUILT_IN) -> DatasetSettings:
    """The settings a relay.yaml asks for; the defaults when there is none. `offered`: the algorithms to choose from.

    Raises:
        SettingsError: with every mistake found, not only the first.
    """
    if text is None or not text.strip():
        return _settings(None, offered)
    if len(text) > MAX_BYTES:
        raise SettingsError([f"relay.yaml is {len(text):,} bytes long; at most {MAX_BYTES:,} are read"])
    try:
        return _settings(_parse(text), offered)
    except SettingsError:
        raise
    except Exception:  # noqa: BLE001  whatever nobody thought of must reach its owner, and not the dead-letter queue
        raise SettingsError(["relay.yaml holds something that cannot be read as settings"]) from None


def _settings(document: Any, offered: Registry) -> DatasetSettings:
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise SettingsError([f"relay.yaml must hold `key: value` lines, and it holds {_kind(document)}"])
    context = Choice(offered, own_code.completed(offered.meant_by(document)))
    try:
        return DatasetSettings.model_validate(document, context=context)
    except ValidationError as error:
        # What hangs on an algorithm cannot be judged without it.
        judged = [one for one in error.errors() if context.is_offered or one["loc"][:1] not in _BY_ALGORITHM]
        raise SettingsError([_sentence(problem) for problem in judged]) from None


class _UniqueKeys(yaml.SafeLoader):
    """YAML that does not let the second of two equal keys win silently, and expands no aliases (billion laughs).

    No explicit tags, because PyYAML's constructors fail in ways of their own on a `!!bool maybe`; nor keys that are
    lists or mappings, which no setting is.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not read", problem_mark=event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(problem="tags (!name) are not read", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_scalar(self, node: Any) -> Any:
        if isinstance(node.value, str) and any("\ud800" <= character <= "\udfff" for character in node.value):
            problem = "half a character (a surrogate like \\ud800) is not text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_scalar(node)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 (the base class's)
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key_node.start_mark)
            if key in seen:
                problem = f'"{_short(key)}" is given twice'
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _parse(text: str | bytes) -> Any:
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader, made stricter)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SettingsError([f"relay.yaml is not valid YAML: {where}{error.problem}"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError([f"relay.yaml is not valid YAML: {str(error).splitlines()[0]}"]) from None
    except RecursionError:
        raise SettingsError(["relay.yaml is not valid YAML: its brackets are nested too deep"]) from None
    except (ValueError, OverflowError):  # without its words, which may quote the value: the file may be somebody's data
        problem = "relay.yaml holds a number or a date that is none; put it in quotes if it is a word"
        raise SettingsError([problem]) from None


def _sentence(problem: Any) -> str:
    written = problem["loc"]
    path = [part for part in written if not _is_branch(part)]
    key = _dotted(path)
    kind, context, value = problem["type"], problem.get("ctx", {}), problem["input"]
    if kind == "extra_forbidden":
        return _unknown_key(path, written)
    if kind == "value_error":
        text = str(context["error"])
        return f"{key}: {text}" if key else text
    if kind == "missing":
        return f"{key}: is missing"
    allowed = _allowed(kind, context, problem["msg"])
    near = did_you_mean(value, _WORD.findall(context["expected"])) if kind == "literal_error" else ""
    return f"{key}: {_shown(value)} is not allowed; {near}allowed: {allowed}"


def _is_branch(part: Any) -> bool:
    # pydantic names the branch of a union it tried ("str", "int"); a person knows of no such key.
    return part in {"str", "int", "float", "bool", "constrained-str", "[key]", *own_code.TAGS}


def _unknown_key(path: list[Any], written: tuple[Any, ...]) -> str:
    section: type[BaseModel] = DatasetSettings
    for part in written[:-1]:
        section = own_code.SECTIONS.get(part, section)
        annotation = section.model_fields[part].annotation if part in section.model_fields else None
        # A section that may be left out altogether is one in a union with None.
        for one in (annotation, *get_args(annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                section = one
    known = list(section.model_fields)
    hint = did_you_mean(str(path[-1]), known).strip() or f"known here: {', '.join(known)}"
    return f"{_dotted(path)}: there is no such setting; {hint}"


def _allowed(kind: str, context: dict[str, Any], message: str) -> str:
    bounds = {
        "greater_than_equal": "{ge} or more",
        "less_than_equal": "{le} or less",
        "greater_than": "above {gt:g}",
        "literal_error": "{expected}",
        "string_too_short": "at least {min_length} character",
        "string_too_long": "at most {max_length} character",
        "string_pattern_mismatch": "a SageMaker instance type such as ml.m5.large",
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a finite number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "date_type": _A_DATE,
        "date_parsing": _A_DATE,
        "date_from_datetime_parsing": _A_DATE,
        "date_from_datetime_inexact": _A_DATE,
        "string_type": "text (put it in quotes)",
        "list_type": "a list",
        "dict_type": "`name: value` lines",
        "model_type": "`name: value` lines",
    }
    told = bounds[kind].format(**context) if kind in bounds else message
    return f"auto, or {told}" if "(auto|" in str(context.get("pattern")) else told


def _dotted(path: list[Any]) -> str:
    return ".".join(_short(str(part)) for part in path)


def _shown(value: Any) -> str:
    try:
        return _short(repr(value))
    except ValueError:
        return "a number of thousands of digits"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _kind(document: Any) -> str:
    # Never its words: a data file that was dropped under this name is no text for a mail.
    return "a list" if isinstance(document, list) else "only a text" if isinstance(document, str) else "a single value"
