"""The repository's Python files as the rules see them: path, text, imports."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"build", "reports", "deployments", "__pycache__"}


@dataclass(frozen=True)
class Module:
    """A Python file: its path below the repository, and its text."""

    path: str
    text: str

    @property
    def room(self) -> str:
        return self.path.removesuffix(".py").partition("/")[0]

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def docstring(self) -> str | None:
        return self._read[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every module imported from, also inside functions; `if TYPE_CHECKING` counts too."""
        yield from ((line, module) for line, module, _ in self.imported())

    def imported(self) -> tuple[tuple[int, str, str], ...]:
        """Line, module and name of everything imported; the name is empty where the module itself is."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[str | None, tuple[tuple[int, str, str], ...]]:
        """What most rules look at. It is kept, and the tree is not: those of all files would fill the memory."""
        tree = self.tree
        return ast.get_docstring(tree), tuple(self._imported(tree))

    def _imported(self, tree: ast.Module) -> Iterator[tuple[int, str, str]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                name = node.module or ""
                if node.level:
                    package = self.path.split("/")[: -node.level]
                    name = ".".join([*package, name]).rstrip(".")
                yield from ((node.lineno, name, alias.name) for alias in node.names)


def files(*endings: str) -> list[Path]:
    """The repository's own files, by ending; nothing that a tool made, and no look into what it made."""
    found: list[Path] = []
    for place, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not _is_made(name)]
        found += (Path(place) / name for name in names if Path(name).suffix in endings and not _is_made(name))
    return sorted(path for path in found if path.is_file())


def _is_made(name: str) -> bool:
    return name in OUTSIDE or (name.startswith(".") and name not in {".ci", ".chalice"})


MODULES = [Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files(".py")]
