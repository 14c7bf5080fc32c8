"""relay.yaml's `algorithm` where it is no name: a script or an image of the user's own, or several algorithms.

Only the shapes are here. Which of them this release offers, says the registry of algorithms; a mistake in one becomes a
sentence as everywhere in relay.yaml. What a metric's direction is, follows from its name where that leaves no doubt,
and has to be said where it does not: a tuning that went the wrong way would promote the worst of its models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from chalicelib.algorithms import directions
from chalicelib.settings import stored
from chalicelib.settings.section import Section, did_you_mean

MOST_METRICS = 40
"""Definitions of metrics that SageMaker takes for one job."""
LONGEST_REGEX = 500
"""Characters of a definition's expression."""
SCRIPT_TAG, IMAGE_TAG, NAME_TAG, LIST_TAG = "[script]", "[image]", "[name]", "[list]"
"""Which form is written, as pydantic names the branch in the place of a mistake. No key of relay.yaml looks so."""
TAGS = frozenset({SCRIPT_TAG, IMAGE_TAG, NAME_TAG, LIST_TAG})

_SCRIPT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\.py")
_METRIC = re.compile(r"[A-Za-z0-9_.:@/-]{1,100}")
_URI = re.compile(
    r"\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+/[a-z0-9][a-z0-9._/-]{0,255}(:[A-Za-z0-9._-]{1,128})?(@sha256:[0-9a-f]{64})?"
)


class _Measured(Section):
    """What own code prints of itself, and how SageMaker finds it in the log."""

    metrics: dict[str, str] = Field(default_factory=dict, max_length=MOST_METRICS)
    """A regular expression by the metric's name; its first group is the number."""
    minimize: list[str] = Field(default_factory=list)
    """Metrics of which less is better, where their names do not say it."""
    maximize: list[str] = Field(default_factory=list)

    @field_validator("metrics")
    @classmethod
    def _found_in_a_log(cls, metrics: dict[str, str]) -> dict[str, str]:
        for name, regex in metrics.items():
            if not _METRIC.fullmatch(name) or name == "auto":
                raise ValueError(f'"{name[:60]}" cannot be the name of a metric: letters, digits and _ . : @ / -')
            if fault := _fault(regex):
                raise ValueError(f'the expression of "{name}" {fault}')
        return metrics

    @model_validator(mode="after")
    def _one_direction_each(self) -> Self:
        for key, listed in (("minimize", self.minimize), ("maximize", self.maximize)):
            for name in listed:
                if name not in self.metrics:
                    known = f"known here: {', '.join(self.metrics)}" if self.metrics else "there are none"
                    raise ValueError(f'{key}: metrics has no "{name[:60]}"; {did_you_mean(name, self.metrics)}{known}')
        if both := sorted(set(self.minimize) & set(self.maximize)):
            raise ValueError(f"minimize and maximize both name {', '.join(both)}: take it out of one")
        chosen = {*self.minimize, *self.maximize}
        unclear = [name for name in self.metrics if name not in chosen and directions.maximized(name) is None]
        if unclear:
            first = unclear[0]
            raise ValueError(
                f'whether more or less of "{first}" is better does not follow from its name; say "maximize: [{first}]" '
                f'or "minimize: [{first}]"'
            )
        return self


class Script(_Measured):
    """A training script of the user's own, in the dataset's folder `code/`."""

    script: str
    image: Literal["scikit-learn", "xgboost"] = "scikit-learn"
    """Which of SageMaker's images it runs in."""
    columns: Literal["encoded"] = "encoded"
    """What it is given: numbers, as our encoder makes them."""

    @field_validator("script")
    @classmethod
    def _a_file_of_the_folder(cls, name: str) -> str:
        if not _SCRIPT.fullmatch(name) or name.startswith("sagerelay"):
            raise ValueError(
                f"{name!r:.60} is not allowed; allowed: the name of a Python file right below the dataset's folder "
                "code/, of letters, digits and _, like train.py (names that begin with sagerelay are its own)"
            )
        return name

    @model_validator(mode="after")
    def _metrics_that_sagemaker_takes(self) -> Self:
        if self.image == "xgboost" and self.metrics:
            raise ValueError(
                'metrics are not to be had with "image: xgboost": SageMaker takes no expressions for that image and '
                "finds its own metrics, printed as the image prints them ([0]<tab>validation-auc:0.9). Leave them out, "
                'or take "image: scikit-learn"'
            )
        return self


class Image(_Measured):
    """A container of the user's own, by SageMaker's contract."""

    image: str
    content_type: Literal["text/csv", "application/x-parquet"] = "text/csv"
    """How the encoded rows are written that it trains on."""

    @field_validator("image")
    @classmethod
    def _in_a_registry(cls, uri: str) -> str:
        if not _URI.fullmatch(uri):
            raise ValueError(
                f"{uri!r:.60} is not allowed; allowed: an image in Amazon ECR, like "
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1"
            )
        return uri


def _tag(written: Any) -> str | None:
    if isinstance(written, Mapping):
        return SCRIPT_TAG if "script" in written or "image" not in written else IMAGE_TAG
    if isinstance(written, Section):
        return SCRIPT_TAG if isinstance(written, Script) else IMAGE_TAG
    return LIST_TAG if isinstance(written, list) else NAME_TAG


Written = Annotated[
    Annotated[str, Tag(NAME_TAG)]
    | Annotated[Script, Tag(SCRIPT_TAG)]
    | Annotated[Image, Tag(IMAGE_TAG)]
    | Annotated[list[str], Tag(LIST_TAG)],
    Discriminator(_tag),
]
"""What `algorithm` may be."""
SECTIONS: Mapping[str, type[Section]] = {SCRIPT_TAG: Script, IMAGE_TAG: Image}


def completed(written: Any) -> Any:
    """What stands under `algorithm`, with defaults filled in where it is a mapping; None for one that holds a mistake.

    >>> completed("auto"), completed({"script": "train.py"})["columns"], completed({"script": 3})
    ('auto', 'encoded', None)
    """
    if not isinstance(written, Mapping):
        return written
    section = SECTIONS[_tag(written) or SCRIPT_TAG]
    try:
        return cast("stored.Algorithm", section.model_validate(written).model_dump(mode="json"))
    except ValidationError:
        return None


def of_several(written: list[Any], offered: Iterable[str]) -> list[str]:
    """Several algorithms, each by its name. Raises ValueError with a sentence."""
    names = list(offered)
    for name in written:
        if name not in names:
            allowed = ", ".join(map(repr, names))
            raise ValueError(f"{name!r:.60} is not allowed in a list; {did_you_mean(name, names)}allowed: {allowed}")
    if len(set(written)) < len(written) or len(written) < 2:
        raise ValueError("a list of algorithms names at least two, and none twice; of one, write the name alone")
    return written


def _fault(regex: str) -> str | None:
    if not 1 <= len(regex) <= LONGEST_REGEX:
        return f"is {len(regex):,} characters long; SageMaker takes 1 to {LONGEST_REGEX}"
    if not regex.isprintable():
        return "must be one line"
    try:
        groups = re.compile(regex).groups
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    return None if groups else r"has no group: put the number in parentheses, like accuracy=([0-9.]+)"
