"""The rules of the house that a program can check (CONTRIBUTING.md), and that each check can fail.

A rule nobody checks does not hold. Each rule is a function from a module to the lines that break it, so that it can be
tried on a planted sentence as well as on the repository.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from chalicelib.algorithms import BUILT_IN
from tests.repository.modules import MODULES, ROOT, Module, files

ROOMS = ("chalicelib", "jobs", "local", "ops", "sagerelay")
OWN = {*ROOMS, "app", "benchmarks", "examples", "tests"}
MAY_IMPORT = {
    "app": {"chalicelib"},
    "chalicelib": {"chalicelib"},
    "jobs": {"jobs"},
    "local": {"local", "chalicelib", "jobs", "ops"},
    "ops": {"ops", "chalicelib", "jobs"},
    "sagerelay": {"sagerelay"},
}
NOTHING = ""
REQUIREMENTS = {
    "app": "requirements.txt",
    "chalicelib": "requirements.txt",
    "jobs": "requirements-jobs.txt",
    "local": "requirements-local.txt",
    "ops": "requirements-deploy.txt",
    "sagerelay": NOTHING,  # it says which extra is missing where none is installed
}
GIVEN = {
    "app": {"chalice"},  # `chalice package` puts its runtime files into the zip
    "chalicelib": {"boto3", "botocore"},  # the Lambda runtime brings them
    # The image holds and pins these; "xgboost" is what the laptop calls xgboost-cpu. scikit-learn needs threadpoolctl.
    "jobs": {
        "boto3",
        "botocore",
        "xgboost",
        "xgboost-cpu",
        "requests",
        "PyYAML",
        "Flask",
        "MarkupSafe",
        "threadpoolctl",
    },
    "ops": {"botocore", "click"},  # they come with boto3 and typer, which pin them
    "local": {
        "botocore",
        "flask",
        "Werkzeug",
        "urllib3",
        "xgboost",
    },  # they come with boto3 and moto[server], which pin them
    "sagerelay": set(),
}
SHELL = ("chalicelib/runtime", "chalicelib/aws/")
IMPURE_MODULES = {"boto3", "botocore", "os", "io", "pathlib", "random", "secrets", "shutil", "socket", "subprocess"} | {
    *("tempfile", "threading", "time", "urllib", "uuid", "http", "requests")
}
PURE_PARTS = {"urllib.parse"}  # text to text
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "read_text", "write_text", "getenv"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "service", "misc"}
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.:/$}])/(?:work|farm|root|home|Users)/[\w.]")


def rooms_keep_apart(module: Module) -> Iterator[str]:
    allowed = MAY_IMPORT.get(module.room, OWN)
    for line, name in module.imports():
        top = name.partition(".")[0]
        if top in OWN and top not in allowed:
            yield f"{module.path}:{line}: {module.room} imports {name}; it may import only {', '.join(sorted(allowed))}"


def is_pure(module: Module) -> Iterator[str]:
    if module.room != "chalicelib" or module.path.startswith(SHELL):
        return
    for line, name in module.imports():
        if name.partition(".")[0] in IMPURE_MODULES and name not in PURE_PARTS:
            yield f"{module.path}:{line}: imports {name}; effects belong in runtime/ and aws/"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in IMPURE_CALLS:
                yield f"{module.path}:{node.lineno}: calls {called}(); effects belong in runtime/ and aws/"


def does_not_know_the_laptop(module: Module) -> Iterator[str]:
    if module.room not in {"app", "chalicelib"}:
        return
    for node in ast.walk(module.tree):
        name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "arg", None)
        if (
            isinstance(node, ast.expr | ast.arg | ast.keyword)
            and isinstance(name, str)
            and re.search(r"(^|_)(local|laptop|moto|emulat\w*)(_|$)", name.lower())
        ):
            yield f"{module.path}:{node.lineno}: {name}: the handlers cannot tell a laptop from AWS"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "127.0.0.1" in node.value:
            yield f"{module.path}:{node.lineno}: an address of one machine"


ALGORITHMS = ("chalicelib/algorithms", "jobs/algorithms", "local/containers")
"""Where each room has what it knows of an algorithm: a folder or module of its name, and the registry above it."""
LEARNING = ("jobs/ensemble/", "jobs/train/", "jobs/error_estimation/")
"""The ensemble and the model of an error's size are made of XGBoost's boosters: the library is their tool, whatever the
algorithm of that name is."""


def names_no_algorithm(module: Module) -> Iterator[str]:
    """No import of an algorithm's own library or package, but where it is at home, tried or measured."""
    if module.room in {"tests", "benchmarks"} or module.path in {f"{place}/__init__.py" for place in ALGORITHMS}:
        return
    if module.path.startswith(LEARNING):
        return
    for line, name, part in module.imported():
        for found in BUILT_IN.loaders.keys() & {*name.split("."), part}:
            if not module.path.startswith(tuple(f"{place}/{found}" for place in ALGORITHMS)):
                yield f"{module.path}:{line}: imports {found} by name; hand in the algorithm, from a registry"


def is_short(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > 300:
        yield f"{module.path}: {lines} lines; at most 300, better 250: it does more than one thing"


def says_its_purpose(module: Module) -> Iterator[str]:
    for part in Path(module.path).with_suffix("").parts:
        if part in EMPTY_NAMES:
            yield f'{module.path}: "{part}" says nothing of what is inside'
    if module.text.strip() and module.docstring is None:
        yield f"{module.path}: no docstring that says what the module is for"


def requirements(name: str) -> dict[str, Requirement]:
    """What a requirements file asks for, the files it includes too, by normalised name."""
    asked: dict[str, Requirement] = {}
    for raw in (ROOT / name).read_text(encoding="utf-8").splitlines():
        line = raw.partition(" #")[0].strip()
        if line.startswith("-r "):
            asked |= requirements(line[3:].strip())
        elif line and not line.startswith("#"):
            requirement = Requirement(line)
            asked[normal(requirement.name)] = requirement
    return asked


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


DISTRIBUTIONS = packages_distributions()


def asks_for_what_it_imports(module: Module) -> Iterator[str]:
    if module.room not in REQUIREMENTS:
        return
    file = REQUIREMENTS[module.room]
    at_hand = {*(requirements(file) if file else {}), *(normal(name) for name in GIVEN[module.room])}
    for line, name in module.imports():
        top = name.partition(".")[0]
        if top in OWN or top in sys.stdlib_module_names or re.fullmatch(r"encode|decode", top):
            continue
        if not at_hand & {normal(one) for one in DISTRIBUTIONS.get(top, [top])}:
            yield f"{module.path}:{line}: imports {name}, which {file or 'nothing'} does not ask for"


RULES = [
    names_no_algorithm,
    rooms_keep_apart,
    is_pure,
    does_not_know_the_laptop,
    is_short,
    says_its_purpose,
    asks_for_what_it_imports,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps(rule: Callable[[Module], Iterator[str]]) -> None:
    assert [broken for module in MODULES for broken in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rooms_keep_apart, "chalicelib/relay/deciding.py", "def f():\n    from jobs.prepare import x"),
        (rooms_keep_apart, "jobs/prepare/reading.py", "import chalicelib.names"),
        (rooms_keep_apart, "app.py", "from local.cloud import EmbeddedCloud"),
        (rooms_keep_apart, "ops/drill/traffic.py", "import local.cloud"),
        (names_no_algorithm, "jobs/evaluate/asking.py", "def f():\n    import xgboost"),
        (names_no_algorithm, "chalicelib/algorithms/ranges.py", "from chalicelib.algorithms import xgboost"),
        (
            names_no_algorithm,
            "local/serving/pipeline.py",
            "from local.containers.xgboost.inference import ScoringService",
        ),
        (names_no_algorithm, "chalicelib/settings/tuning.py", "from ..algorithms.xgboost import DEFAULT_RANGES"),
        (is_pure, "chalicelib/relay/deciding.py", "import boto3"),
        (is_pure, "chalicelib/requests/jobs.py", "from os import environ"),
        (is_pure, "chalicelib/mails/console.py", "from urllib.request import urlopen"),
        (is_pure, "chalicelib/names.py", "stamp = datetime.now(tz)"),
        (is_pure, "chalicelib/names.py", "text = open('x').read()"),
        (does_not_know_the_laptop, "chalicelib/runtime.py", "if is_local:\n    pass"),
        (does_not_know_the_laptop, "app.py", "address = 'http://127.0.0.1:80'"),
        (is_short, "jobs/long.py", "x = 1\n" * 301),
        (says_its_purpose, "chalicelib/aws/utils.py", '"""Things."""'),
        (says_its_purpose, "chalicelib/relay/deciding.py", "x = 1"),
        (asks_for_what_it_imports, "chalicelib/relay/deciding.py", "import pandas"),
        (asks_for_what_it_imports, "jobs/evaluate/curves.py", "import optuna"),
        (asks_for_what_it_imports, "sagerelay/cli.py", "import typer"),
        (rooms_keep_apart, "sagerelay/cli.py", "from ops.cli.commands import app"),
        (rooms_keep_apart, "ops/cli/commands.py", "import sagerelay"),
    ],
)
def test_a_rule_notices(rule: Callable[[Module], Iterator[str]], path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


def test_a_rule_lets_good_code_pass() -> None:
    good = Module(
        "chalicelib/relay/deciding.py", '"""What a thing is for."""\n\nfrom chalicelib import names\nimport pydantic\n'
    )
    assert [broken for rule in RULES for broken in rule(good)] == []


def test_boto3_is_imported_in_one_file_of_chalicelib() -> None:
    importing = [
        module.path
        for module in MODULES
        if module.room == "chalicelib" and any(name.partition(".")[0] == "boto3" for _, name in module.imports())
    ]
    assert len(importing) == 1, importing


@pytest.mark.parametrize("file", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_requirements_are_pinned(file: str) -> None:
    loose = [str(one) for one in requirements(file).values() if [part.operator for part in one.specifier] != ["=="]]
    assert loose == []


def test_lambda_needs_neither_data_science_nor_the_sdk() -> None:
    assert not {"pandas", "scikit-learn", "sagemaker", "boto3", "moto"} & set(requirements("requirements.txt"))


def test_no_path_of_anybodys_machine() -> None:
    endings = (".py", ".md", ".yaml", ".yml", ".json", ".toml", ".txt", ".html", ".cfg", ".sh", "")
    places = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files(*endings)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if PATH_OF_A_MACHINE.search(line)
    ]
    assert places == []


def test_a_path_of_a_machine_is_noticed() -> None:
    assert PATH_OF_A_MACHINE.search("see /" + "home/ann/data.csv")
    assert not PATH_OF_A_MACHINE.search("https://example.org/home/page and /opt/ml/model")
