"""What a person hands over on the command line, checked and named as the bucket wants it.

Only what the machine at hand can know is checked here: is there such a file, can it be read, is its name usable, has it
the column that --target names. What else is *inside* a file or a setting is for the relay to judge, so that the laptop
and AWS give the same answer, by mail.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chalicelib.names import DATASET_NAME, DatasetKeys

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".parquet", ".pq")


class HandoverError(Exception):
    """What is wrong with a file, a name or a setting given on the command line, and what to do; one sentence."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A dataset ready to be dropped: its name, its files, and the text of its relay.yaml, if it has one."""

    dataset: str
    files: tuple[Path, ...]
    settings: str | None

    def objects(self) -> list[tuple[str, Path]]:
        """Where in the bucket each file goes, in order."""
        return [(DatasetKeys(self.dataset).train + path.name, path) for path in self.files]


def dataset_name(path: Path) -> str:
    """The dataset a file is about, from its name: lower case, hyphens, at most 30 characters.

    >>> dataset_name(Path("/data/Customer Churn (2026).csv.gz"))
    'customer-churn-2026'
    """
    stem = path.name
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:30].rstrip("-")
    if not slug:
        raise HandoverError(
            f'"{path.name}" has no letter a-z or digit to name a dataset by; give one, for example: --name sales'
        )
    return slug


def checked_name(name: str) -> str:
    """The name itself, if a dataset may have it.

    Raises:
        HandoverError: naming the rule and the nearest name that keeps it.
    """
    if DATASET_NAME.fullmatch(name):
        return name
    near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30].rstrip("-")
    hint = f" Try --name {near}." if near else ""
    raise HandoverError(
        f'"{name}" cannot be a dataset\'s name: at most 30 characters of a-z, 0-9 and -, not - at the start.{hint}'
    )


def checked_file(path: Path) -> Path:
    """The file itself, if there is such a file, it can be read and its name ends as a data file's does."""
    if path.is_dir():
        raise HandoverError(f"{path} is a folder; name the data files in it, for example {path / '*.csv'}")
    if not path.exists():
        raise HandoverError(f"{path}: no such file (looked in {path.resolve().parent})")
    if not path.name.lower().endswith(ENDINGS):
        raise HandoverError(
            f"{path} does not look like a data file; its name should end in one of {', '.join(ENDINGS)}"
        )
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise HandoverError(f"{path} cannot be read: {error.strerror}") from error


def merged_settings(given: Path | None, *, target: str | None, trials: int | None) -> str | None:
    """The text of relay.yaml: the file given, with what the command line says on top; None when nothing is set.

    Without anything on the command line the file goes up as it is, comments and mistakes included, because a mistake
    in it is the relay's to explain.
    """
    text = _read_settings(given) if given is not None else None
    if target is None and trials is None:
        return text
    settings = _as_mapping(text, given)
    if target is not None:
        settings["target"] = target
    if trials is not None:
        tuning = settings.setdefault("tuning", {})
        if not isinstance(tuning, dict):
            raise HandoverError(f'{given}: "tuning" is not a section, so --trials has no place to go')
        tuning["trials"] = trials
        if trials < tuning.get("parallel", 0):
            tuning["parallel"] = trials
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def upload(
    files: Sequence[Path], *, name: str | None, settings: Path | None, target: str | None, trials: int | None
) -> Upload:
    """Check everything given and say where it goes.

    Raises:
        HandoverError: one sentence saying what is wrong and what to do.
    """
    checked = tuple(checked_file(path) for path in files)
    twice = {path.name for path in checked if sum(path.name == other.name for other in checked) > 1}
    if twice:
        raise HandoverError(f"two files are called {min(twice)}; in the bucket one would replace the other: rename one")
    dataset = checked_name(name) if name is not None else dataset_name(checked[0])
    merged = merged_settings(settings, target=target, trials=trials)
    if target is not None:
        _check_target(checked, target, merged)
    return Upload(dataset, checked, merged)


def _check_target(files: Sequence[Path], target: str, settings: str | None) -> None:
    from local.cli.header import complaint  # brings pyarrow, which a mistyped file name need not wait for

    found = (complaint(file, target, _as_mapping(settings, None)) for file in files)
    if wrong := next((sentence for sentence in found if sentence), None):
        raise HandoverError(wrong)


def _read_settings(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise HandoverError(f"{path} is not text in UTF-8 (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise HandoverError(f"{path} cannot be read: {error.strerror}") from error


def _as_mapping(text: str | None, path: Path | None) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(text) if text else None
    except yaml.YAMLError as error:
        raise HandoverError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise HandoverError(f'{path} must hold "key: value" lines; it holds a {type(settings).__name__}')
    return settings
