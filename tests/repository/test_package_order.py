"""The order of the packages inside each room: from the ground up, and no arrow back.

A package that imports upwards makes a circle sooner or later, and a circle is one package that nobody can read by
halves. The maps in the rooms' `__init__.py` show the same order, from the top down.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.repository.modules import MODULES, ROOT, Module

ORDER = {
    "chalicelib": [
        ["contract"],
        ["algorithms"],
        [""],
        ["settings"],
        ["records"],
        ["costs"],
        ["requests"],
        ["mails"],
        ["monitoring", "relay"],
        ["console"],
        ["aws"],
        ["runtime"],
    ],
    "jobs": [
        [""],
        ["documents"],
        ["encoding", "profiles", "metrics", "own_code"],
        ["algorithms", "ensemble", "tables", "report", "error_estimation"],
        ["serving"],
        ["capture", "performance_estimation"],
        ["relation"],
        ["prepare", "train", "pack", "evaluate", "drift"],
        ["ground_truth", "score"],
    ],
    "local": [
        ["wire", "containers"],
        ["events", "permissions", "serving"],
        ["functions", "offer", "sagemaker"],
        [""],
        ["cli"],
    ],
    "ops": [[""], ["account", "drill", "explaining", "looking"], ["deployment"], ["doctor"], ["costs"], ["cli"]],
}
"""The packages of a row do not import each other. "" is the modules that lie in the room's own folder."""


def package(*path: str) -> str:
    """The package of a module that stands at `path` below its room."""
    return path[0] if len(path) > 1 else ""


def arrows(module: Module) -> Iterator[tuple[int, str, str]]:
    """What a module imports of its own room's other packages: line, dotted name, package.

    What starts a room (`__main__.py`) stands above all of it, and is not counted.
    """
    room, *path = module.path.removesuffix(".py").split("/")
    if path == ["__main__"]:
        return
    for line, name, part in module.imported():
        head, *below = f"{name}.{part}".rstrip(".").split(".")
        if head == room and below:
            other = below[0] if (ROOT / room / below[0]).is_dir() else ""
            if other != package(*path):
                yield line, ".".join([room, *below]), other


def breaks_the_order(module: Module) -> Iterator[str]:
    """The room's `__init__.py` imports nothing."""
    room, *path = module.path.removesuffix(".py").split("/")
    if room not in ORDER or path == ["__main__"]:
        return
    level = {package: floor for floor, packages in enumerate(ORDER[room]) for package in packages}
    own = package(*path)
    if own not in level:
        yield f"{module.path}: {own} has no place in ORDER"
        return
    for line, imported, other in arrows(module):
        if level.get(other, len(level)) >= level[own]:
            yield f"{module.path}:{line}: imports {imported}, which does not stand below {own or 'the folder'}"


def test_no_package_imports_upwards() -> None:
    assert [broken for module in MODULES for broken in breaks_the_order(module)] == []


@pytest.mark.parametrize("room", ORDER)
def test_the_order_names_the_packages_that_there_are(room: str) -> None:
    there = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
    assert {name for row in ORDER[room] for name in row} == there | {""}


def drawn(text: str) -> list[list[str]]:
    """The rows of a room's map, from the top down: what stands indented below the line that announces it.

    A row begins with its packages; `this folder` is the modules of the room's own.
    """
    below = re.split("from the top down", text, maxsplit=1, flags=re.IGNORECASE)[-1].split("\n\n")[1]
    rows = [re.split(r"\s{2,}", line.strip()) for line in below.splitlines() if not line.startswith(" " * 5)]
    named = [[cell for cell in row if re.fullmatch(r"\w+|this folder", cell)] for row in rows]
    return [["" if cell == "this folder" else cell for cell in row] for row in named]


def against_the_map(room: str, rows: list[list[str]]) -> list[str]:
    """What the modules of a room import that its map does not show below them."""
    depth = {name: row for row, names in enumerate(rows) for name in names}
    return [
        f"{module.path}:{line}: imports {imported}"
        for module in MODULES
        if module.room == room
        for line, imported, other in arrows(module)
        if depth[other] <= depth[package(*module.path.split("/")[1:])]
    ]


@pytest.mark.parametrize("room", ORDER)
def test_the_map_of_a_room_shows_its_order(room: str) -> None:
    init = next(module for module in MODULES if module.path == f"{room}/__init__.py")
    rows = drawn(ast.get_docstring(init.tree) or "")
    assert sorted(name for row in rows for name in row) == sorted(name for row in ORDER[room] for name in row)
    assert against_the_map(room, rows) == []


def test_a_map_that_shows_another_order_is_noticed() -> None:
    text = "A room.\n\nFrom the top down:\n\n    wire  a word, cli\n          of it\n    cli  this folder\n\nThe end."
    assert drawn(text) == [["wire"], ["cli", ""]]
    assert against_the_map(
        "ops", [[""], ["account", "drill", "explaining", "looking"], ["deployment"], ["doctor"], ["costs"], ["cli"]]
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("jobs/metrics/scores.py", "from jobs.evaluate.rows import x"),
        ("jobs/prepare/kinds.py", "from jobs.evaluate import rows"),
        ("jobs/refusals.py", "def f():\n    import jobs.tables.grid"),
        ("jobs/encoding/text.py", "from jobs import tables"),
        ("local/wire/errors.py", "from local import cloud"),
        ("local/cloud.py", "from local.cli.screen import x"),
        ("ops/account/finding.py", "from ops.doctor.work import x"),
        ("jobs/unheard_of/part.py", "x = 1"),
    ],
)
def test_an_import_upwards_is_noticed(path: str, text: str) -> None:
    assert list(breaks_the_order(Module(path, text)))


def test_an_import_downwards_passes() -> None:
    good = Module(
        "jobs/prepare/kinds.py", "from jobs import refusals\nfrom jobs.tables.grid import x\nimport jobs.prepare.typed"
    )
    assert list(breaks_the_order(good)) == []
