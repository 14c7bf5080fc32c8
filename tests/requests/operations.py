"""Every operation that the code can ask AWS for, read from the code itself.

An adapter's service is the one whose client `chalicelib.runtime.runtime()` hands it. What it calls is every word in it,
as a method or in quotes, that is a method of that client: operations are called by name, too, and paginators are. Job
scripts make their clients themselves; what they call is read the same way.
"""

from __future__ import annotations

import ast
from pathlib import Path

from botocore import xform_name

from local.shapes import service_model

ROOT = Path(__file__).resolve().parents[2]
_JOBS = sorted((ROOT / "jobs").rglob("*.py"))
_REQUESTS = {"sagemaker": "requests"}
"""Where the operations of a service are named that its adapter is told to call."""


def of_functions() -> set[str]:
    """What the Lambda functions can ask for, as `sagemaker.CreateModel`."""
    found: set[str] = set()
    for module, service in adapters().items():
        files = [ROOT / "chalicelib" / "aws" / f"{module}.py"]
        if service in _REQUESTS:
            files += sorted((ROOT / "chalicelib" / _REQUESTS[service]).glob("*.py"))
        found |= _named(service, {word for file in files for word in words(file)})
    return found


def files_of_functions() -> set[str]:
    """The adapters' files."""
    return {f"chalicelib/aws/{module}.py" for module in adapters()}


def files_of_jobs() -> set[str]:
    """The job scripts' files that ask for something."""
    asked = {xform_name(name.partition(".")[2]) for name in of_jobs()}
    return {file.relative_to(ROOT).as_posix() for file in _JOBS if methods(file) & asked}


def of_jobs() -> set[str]:
    """What the job scripts can ask for."""
    clients = {
        str(argument.value)
        for file in _JOBS
        for call in calls_of(file, "client")
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert clients, "the job scripts have clients"
    return {name for service in clients for name in _named(service, {word for file in _JOBS for word in methods(file)})}


def adapters() -> dict[str, str]:
    """The service of every adapter, by its module in `chalicelib/aws/`."""
    file = ROOT / "chalicelib" / "runtime" / "__init__.py"
    modules = {
        alias.name: node.module.rpartition(".")[2]
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        made = node.args[0]
        if isinstance(made, ast.Call) and ast.unparse(made.func) == "aws.client":
            assert isinstance(made.args[0], ast.Constant)
            found[modules[node.func.id]] = str(made.args[0].value)
    assert len(found) == len(calls_of(file, "client")), "a client is handed to something that is no adapter"
    return found


def words(file: Path) -> set[str]:
    quoted = {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return quoted | methods(file)


def methods(file: Path) -> set[str]:
    """The names of everything that is called as a method."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def calls_of(file: Path, method: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    ]


def _named(service: str, found: set[str]) -> set[str]:
    return {f"{service}.{name}" for name in service_model(service).operation_names if xform_name(name) in found}
