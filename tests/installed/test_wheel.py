"""What a wheel holds and says of itself: one name for site-packages, the whole tree, the extras' own pins."""

import re
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import sagerelay
from sagerelay.commands import NEEDED
from tests.installed.wheels import ROOT, build

TREE = "sagerelay/tree/"
ROOMS = ("chalicelib", "jobs", "local", "ops", "infra")
SINGLE = ("app.py", "requirements.txt", ".chalice/config.json")
EXTRAS = {"laptop": "requirements-local.txt", "aws": "requirements-deploy.txt"}


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(wheel: Path) -> Message:
    (text,) = (content for name, content in contents(wheel).items() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(text.decode())


def asked_for(file: str) -> set[str]:
    """The requirements of a file and of those it includes, as packaging spells them."""
    found: set[str] = set()
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("-r "):
            found |= asked_for(line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            found.add(spelled(Requirement(line)))
    return found


def spelled(asked: Requirement, extra: str = "") -> str:
    """Name, extras, version and marker, with the extra that it stands under taken out."""
    asked.name = re.sub(r"[-_.]+", "-", asked.name).lower()
    marker = str(asked.marker or "").replace(f'extra == "{extra}"', "").removesuffix(" and ").strip("() ")
    asked.marker = None
    return f"{asked}; {marker}"


def test_site_packages_get_one_name(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in contents(wheel)}
    assert tops == {"sagerelay", f"sagerelay-{sagerelay.__version__}.dist-info"}


def test_the_tree_is_the_repository_s(wheel: Path) -> None:
    carried = {name.removeprefix(TREE): text for name, text in contents(wheel).items() if name.startswith(TREE)}
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    ours = [*paths, *(ROOT / name for name in SINGLE)]
    expected = {
        path.relative_to(ROOT).as_posix(): path.read_bytes() for path in ours if "__pycache__" not in path.parts
    }
    assert {name: text for name, text in carried.items() if not name.startswith("examples/")} == expected


def test_the_version_stands_in_one_place(wheel: Path) -> None:
    assert metadata(wheel)["Version"] == sagerelay.__version__
    headings = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == sagerelay.__version__, "the newest release of the changelog"


def test_the_command_is_there(wheel: Path) -> None:
    (entry,) = (text for name, text in contents(wheel).items() if name.endswith("/entry_points.txt"))
    assert entry.decode().split() == ["[console_scripts]", "sagerelay", "=", "sagerelay.cli:main"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_asks_for_what_make_installs(wheel: Path, extra: str) -> None:
    asked = [Requirement(one) for one in metadata(wheel).get_all("Requires-Dist") or ()]
    of_extra = {spelled(one, extra) for one in asked if f'extra == "{extra}"' in str(one.marker)}
    assert of_extra == asked_for(EXTRAS[extra])


def test_without_an_extra_nothing_else_is_installed(wheel: Path) -> None:
    asked = metadata(wheel).get_all("Requires-Dist") or ()
    assert [one for one in asked if "extra ==" not in one] == []


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_an_extra_brings_is_looked_for(extra: str) -> None:
    """A package that is missing is told before a command begins, whichever it is."""
    providers = packages_distributions()
    looked_for = {re.sub(r"[-_.]+", "-", dist).lower() for name in NEEDED[extra] for dist in providers[name]}
    brought = {one.partition("[")[0].partition("=")[0] for one in asked_for(EXTRAS[extra])}
    assert {name.removesuffix("-cpu") for name in brought} <= {name.removesuffix("-cpu") for name in looked_for}
    assert len(NEEDED[extra]) == len({name.removesuffix("-cpu") for name in brought})


def test_an_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    assert not [name for name in names if "/.venv" in name or "__pycache__" in name]
    again = build("wheel", tmp_path / "wheel", root=tmp_path / names[0].partition("/")[0])
    assert contents(again) == contents(wheel)
