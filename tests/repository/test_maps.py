"""A package whose docstring is a map of its modules names all of them: who looks there finds every place, or none."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.modules import ROOT

ROOMS = ("chalicelib", "jobs", "local", "ops", "sagerelay")
PACKAGES = sorted(path.parent for room in ROOMS for path in (ROOT / room).glob("**/__init__.py"))
_PATTERN = re.compile(r"\b(\w+)\*\.py")


def unnamed(docstring: str, modules: set[str]) -> set[str]:
    """The modules that a map lacks; `plots_*.py` names several. What names less than half of them is no map."""
    words, several = set(re.findall(r"\w+", docstring)), tuple(_PATTERN.findall(docstring))
    named = {module for module in modules if module in words or (several and module.startswith(several))}
    return modules - named if 2 * len(named) >= len(modules) else set()


def modules_of(package: Path) -> Iterator[str]:
    for path in package.iterdir():
        if path.suffix == ".py" and not path.stem.startswith("__"):
            yield path.stem
        elif (path / "__init__.py").exists():
            yield path.name


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(ROOT)))
def test_a_map_names_every_module(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert unnamed(docstring, set(modules_of(package))) == set()


def test_what_a_map_lacks_is_noticed() -> None:
    assert unnamed("a.py first    b.py second", {"a", "b", "c"}) == {"c"}
    assert unnamed("plots_*.py    a.py", {"a", "plots_one", "sections"}) == {"sections"}


def test_what_is_no_map_need_not_name_all() -> None:
    assert unnamed("Everything about a.", {"a", "b", "c"}) == set()
    assert unnamed("plots_*.py    a.py", {"a", "plots_one"}) == set()


def not_there(package: Path, docstring: str) -> list[str]:
    """The modules that a docstring names and that are not there: in the package, its room, the repository."""
    places = (package, ROOT / package.relative_to(ROOT).parts[0], ROOT)
    named = re.findall(r"(?<![\w/])[\w*/]+\.py\b", docstring)
    return [name for name in named if not any(list(place.glob(name)) for place in places)]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(ROOT)))
def test_a_map_names_no_module_that_is_gone(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert not_there(package, docstring) == []


def test_a_module_that_is_gone_is_noticed() -> None:
    text = "page.py, sections*.py, jobs/schema.py, gone.py, plans_*.py"
    assert not_there(ROOT / "jobs/report", text) == ["gone.py", "plans_*.py"]
