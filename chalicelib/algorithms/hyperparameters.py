"""What a hyperparameter may be: kinds of values, and the sentence for one that is none of them.

A container reads its hyperparameters from text and ends with an error at the first it does not like, which on AWS is
after the data was prepared and a machine came up. So what it would refuse is known here; which hyperparameters there
are is each algorithm's own.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.algorithms.protocol import Algorithm

LARGEST_WHOLE = 2**31 - 1
LARGEST_REAL = 3.4028235e38
"""XGBoost keeps its numbers in 32 bits."""
LONGEST_TEXT = 2_500
"""Of a hyperparameter's value, as SageMaker takes it."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")
_NUMERAL = re.compile(r"[0-9.eE+-]{1,100}")
"""What any reader may take for a number. Python alone reads `1_000`, ` 7 ` and other scripts' digits."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number between two ends; an end that is `open` is none of the values itself."""

    low: float
    high: float = LARGEST_REAL
    whole: bool = False
    open_low: bool = False
    open_high: bool = False
    tunable: bool = False
    """Whether SageMaker lets one tune it: `IsTunable` in the container's metadata."""
    words: tuple[str, ...] = ()
    """What may stand in a number's place when it is set. What is tuned is a number."""

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value, as the rest of a sentence that began with the name; None if nothing is.

        >>> Number(0, 1).fault(2), Number(1, whole=True).fault(1.5), Number(0).fault("0.5")
        ('must be at least 0 and at most 1, not 2', 'is a whole number; 1.5 is not', None)
        >>> Number(0, words=("auto",)).fault("auto"), Number(0, words=("auto",)).fault("all")
        (None, "is a number, or one of auto; 'all' is not")
        """
        if isinstance(value, str) and value in self.words:
            return None
        number = self._read(value)
        if number is None:
            or_word = f", or one of {', '.join(self.words)}" if self.words else ""
            return f"is a {'whole ' if self.whole else ''}number{or_word}; {_shown(value)} is not"
        low = number <= self.low if self.open_low else number < self.low
        high = number >= self.high if self.open_high else number > self.high
        return f"must be {self._allowed()}, not {_shown(value)}" if low or high else None

    def _read(self, value: Any) -> float | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, str) and not _NUMERAL.fullmatch(value):
            return None
        if self.whole and isinstance(value, float):
            return None  # the container reads "100.0" as no whole number either
        try:
            number = int(value) if self.whole else float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def _allowed(self) -> str:
        low = f"above {self.low:g}" if self.open_low else f"at least {self.low:g}"
        if self.high in {LARGEST_WHOLE, LARGEST_REAL}:
            return low
        return f"{low} and {'below' if self.open_high else 'at most'} {self.high:g}"


def whole(low: int, high: int = LARGEST_WHOLE, *, tunable: bool = False) -> Number:
    """A whole number between two ends that belong to it."""
    return Number(low, high, whole=True, tunable=tunable)


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of several; `listed`: some of them, with commas between."""

    words: tuple[str, ...]
    listed: bool = False
    tunable: bool = False

    def fault(self, value: Any) -> str | None:
        """As `Number.fault`.

        >>> Choice(("gbtree", "dart")).fault("tree")
        "must be one of gbtree, dart, not 'tree'"
        """
        text = as_text(value)
        parts = text.split(",") if self.listed else [text]
        if all(part in self.words for part in parts):
            return None
        what = "words of" if self.listed else "one of"
        return f"must be {what} {', '.join(self.words)}, not {_shown(value)}"


@dataclass(frozen=True, slots=True)
class Written:
    """What is written as Python writes it: `(1,0,-1)` or `[[1,2],[3]]`."""

    example: str
    holds: Callable[[Any], bool]
    tunable: bool = False

    def fault(self, value: Any) -> str | None:
        """As `Number.fault`."""
        if isinstance(value, str) and (len(value) > LONGEST_TEXT or not value.isprintable()):
            return f"must be one line of at most {LONGEST_TEXT:,} characters"
        try:
            held = self.holds(ast.literal_eval(value)) if isinstance(value, str) else False
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            held = False
        return None if held else f"must be written like {self.example}, not {_shown(value)}"


@dataclass(frozen=True, slots=True)
class Free:
    """Whatever a script of the user's own may take: only how long it may be is known."""

    tunable: bool = True

    def fault(self, value: Any) -> str | None:
        """As `Number.fault`."""
        text = value if isinstance(value, str) else _shown(value)
        if len(text) > LONGEST_TEXT or not text.isprintable():
            return f"must be one line of at most {LONGEST_TEXT:,} characters"
        return None


Kind = Number | Choice | Written | Free


class AnyName(Mapping[str, Kind]):
    """The hyperparameters of a script of the user's own: any name that an argument of a program can have.

    >>> "n_estimators" in AnyName(), "sagemaker_program" in AnyName(), "-x" in AnyName()
    (True, False, False)
    """

    def __getitem__(self, name: str) -> Kind:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower().startswith("sagemaker"):
            raise KeyError(name)
        return Free()

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def as_text(value: Any) -> str:
    """A hyperparameter's value as SageMaker wants it: text, with booleans as the container spells them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_number(kind: Kind | None) -> bool:
    """Whether such a hyperparameter is a number of any kind."""
    return isinstance(kind, Number)


def tuned(kind: Kind) -> Kind:
    """What a trial may have for it: of a number no word.

    >>> tuned(Number(0, words=("auto",))).fault("auto")
    "is a number; 'auto' is not"
    """
    return replace(kind, words=()) if isinstance(kind, Number) else kind


def is_whole(kind: Kind | None, bounds: Mapping[str, Any] | None = None) -> bool:
    """Whether such a hyperparameter is a whole number, tuned between these ends: of a free one they say it.

    >>> is_whole(Free(), {"min": 10, "max": 200}), is_whole(Free(), {"min": 0.0, "max": 1.0})
    (True, False)
    """
    if isinstance(kind, Free):
        return bounds is not None and isinstance(bounds["min"], int) and isinstance(bounds["max"], int)
    return isinstance(kind, Number) and kind.whole


def keeps_types(kinds: Mapping[str, Kind]) -> bool:
    """Whether it matters for ranges of these how a number is written: 1 or 1.0."""
    return isinstance(kinds, AnyName)


def faults(algorithm: Algorithm, chosen: Mapping[str, Any]) -> list[str]:
    """A sentence for each hyperparameter that the container would refuse: by itself, or beside the others."""
    kinds, found = algorithm.kinds(), []
    for name, value in chosen.items():
        if missing := not_to_be_set(algorithm, name):
            found.append(missing)
        elif fault := kinds[name].fault(value):
            found.append(f'"{name}" {fault}')
    return found or algorithm.contradictions({name: as_text(value) for name, value in chosen.items()})


def not_to_be_set(algorithm: Algorithm, name: str) -> str | None:
    """The sentence for a hyperparameter that nobody can set; None for one that has a kind."""
    if name in algorithm.set_by_sagerelay:
        return f'"{name}" follows from "task" and "tuning.objective"; set those instead'
    if name in algorithm.kinds():
        return None
    kinds = algorithm.kinds().keys() - algorithm.set_by_sagerelay
    if not kinds:
        return (
            f'"{name[:60]}" can be no hyperparameter of {algorithm.title}: a letter, then letters, digits, _ . and - '
            "(and not sagemaker..., which is SageMaker's own)"
        )
    from difflib import get_close_matches  # only when something is wrong

    close = get_close_matches(name, kinds, n=1)
    hint = f' Did you mean "{close[0]}"?' if close else f" Known: {', '.join(sorted(kinds))}."
    return f'{algorithm.title} has no hyperparameter "{name}".{hint}'


def _shown(value: Any) -> str:
    try:
        text = f"{value:g}" if isinstance(value, float) else repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 40 else f"{text[:37]}..."
