"""The repository's Python files as the rules see them: path, text, imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"build", "reports", "__pycache__"}


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

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every module imported from, also inside functions; `if TYPE_CHECKING` counts too."""
        yield from ((line, module) for line, module, _ in self.imported())

    def imported(self) -> Iterator[tuple[int, str, str]]:
        """Line, module and name of everything imported; the name is empty where the module itself is."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                name = node.module or ""
                if node.level:
                    package = self.path.split("/")[: -node.level]
                    name = ".".join([*package, name]).rstrip(".")
                yield from ((node.lineno, name, alias.name) for alias in node.names)


def files(*endings: str) -> list[Path]:
    """The repository's own files, by ending; nothing that a tool made."""
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        made = any(part in OUTSIDE or (part.startswith(".") and part not in {".ci", ".chalice"}) for part in parts)
        if not made and "deployments" not in parts and path.suffix in endings and path.is_file():
            found.append(path)
    return sorted(found)


MODULES = [Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files(".py")]
