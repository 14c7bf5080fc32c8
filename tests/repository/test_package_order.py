"""The order of the packages inside each room: from the ground up, and no arrow back.

A package that imports upwards makes a circle sooner or later, and a circle is one package that nobody can read by
halves. The maps in the rooms' `__init__.py` show the same order.
"""

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
        ["requests"],
        ["mails"],
        ["monitoring", "relay"],
        ["aws"],
        ["runtime"],
    ],
    "jobs": [
        ["algorithms"],
        [""],
        ["encoding", "profiles", "metrics"],
        ["serving", "tables", "report"],
        ["capture", "performance_estimation"],
        ["prepare", "evaluate", "drift", "ground_truth"],
    ],
    "local": [
        ["wire", "containers"],
        ["events", "permissions", "serving"],
        ["functions", "offer", "sagemaker"],
        [""],
        ["cli"],
    ],
    "ops": [[""], ["account", "drill"], ["deployment"], ["doctor"], ["cli"]],
}
"""The packages of a row do not import each other. "" is the modules that lie in the room's own folder."""


def package(*path: str) -> str:
    """The package of a module that stands at `path` below its room."""
    return path[0] if len(path) > 1 else ""


def breaks_the_order(module: Module) -> Iterator[str]:
    """What starts a room (`__main__.py`) stands above all of it, and the room's `__init__.py` imports nothing."""
    room, *path = module.path.removesuffix(".py").split("/")
    if room not in ORDER or path == ["__main__"]:
        return
    level = {package: floor for floor, packages in enumerate(ORDER[room]) for package in packages}
    own = package(*path)
    if own not in level:
        yield f"{module.path}: {own} has no place in ORDER"
        return
    for line, name, part in module.imported():
        head, *below = f"{name}.{part}".rstrip(".").split(".")
        if head != room or not below:
            continue
        other = below[0] if (ROOT / room / below[0]).is_dir() else ""
        if other != own and level.get(other, len(level)) >= level[own]:
            imported = ".".join([room, *below])
            yield f"{module.path}:{line}: imports {imported}, which does not stand below {own or 'the folder'}"


def test_no_package_imports_upwards() -> None:
    assert [broken for module in MODULES for broken in breaks_the_order(module)] == []


@pytest.mark.parametrize("room", ORDER)
def test_the_order_names_the_packages_that_there_are(room: str) -> None:
    there = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
    assert {name for row in ORDER[room] for name in row} == there | {""}


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
