"""The pages about the house name files that there are: a page that leads nowhere is worse than none.

Held to it are all pages for people but the changelog, which tells of what was. A path stands there from the
repository's root, in backticks; a name in brackets behind a Python file, as in `app.py` (`sweep`), is a word of that
file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.modules import ROOT

PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")} - {ROOT / "CHANGELOG.md"})
TOP = {path.name for path in ROOT.iterdir()}
_QUOTED = re.compile(r"`([^`\s]+)`(?: \(`(\w+)`\))?")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def is_path(word: str) -> bool:
    """Whether a quoted word means something in this repository, and not in the bucket or in a container."""
    first, *below = word.split("/")
    return (first in TOP if below else word.endswith((".py", ".md"))) and re.fullmatch(r"[\w.*/-]+", word) is not None


def leads_nowhere(text: str, folder: Path) -> Iterator[str]:
    """What a page names that is not there. `folder`: where the page lies, from which links are followed."""
    for number, line in enumerate(text.splitlines(), 1):
        for word, name in _QUOTED.findall(line):
            if not is_path(word):
                continue
            found = list(ROOT.glob(word.rstrip("/")))
            if not found:
                yield f"line {number}: there is no {word}"
            elif name and not any(re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) for path in found):
                yield f"line {number}: {word} has no {name}"
        for target in _LINK.findall(line):
            if "://" not in target and not (folder / target).exists():
                yield f"line {number}: the link {target} leads nowhere"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_what_there_is(page: Path) -> None:
    assert list(leads_nowhere(page.read_text(encoding="utf-8"), page.parent)) == []


@pytest.mark.parametrize(
    "text",
    [
        "see `jobs/nothing/here.py`",
        "see `gone.py`",
        "see `infra/*.toml`",
        "see `app.py` (`never_heard_of`)",
        "[a page](gone.md)",
        "[a place](gone.md#place)",
    ],
)
def test_what_leads_nowhere_is_noticed(text: str) -> None:
    assert list(leads_nowhere(text, ROOT / "docs"))


def test_what_is_there_passes() -> None:
    text = "`app.py` (`sweep`), `jobs/`, `infra/*.yaml`, `runs/<run>/gone.json`, `s3://b/gone.py`, [x](formats.md#a)"
    assert list(leads_nowhere(text, ROOT / "docs")) == []


def test_every_decision_stands_in_the_index() -> None:
    records = {page.name for page in PAGES if re.match(r"\d\d-", page.name)}
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert records == {target for target in _LINK.findall(index) if target.endswith(".md")}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_first_pages_lead_to_these(page: str) -> None:
    links = set(_LINK.findall((ROOT / page).read_text(encoding="utf-8")))
    assert {"docs/architecture.md", "docs/decisions/README.md"} <= links


def test_the_changelog_says_nothing_twice() -> None:
    """Two changes that add lines at the same place can leave half of one behind."""
    lines = [line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if len(line) > 50]
    assert sorted({line for line in lines if lines.count(line) > 1}) == []
