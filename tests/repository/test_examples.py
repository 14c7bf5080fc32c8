"""An example in a docstring is a test: pytest looks for them wherever there are some."""

import tomllib

from tests.repository.modules import MODULES, ROOT


def test_every_example_is_run() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert "--doctest-modules" in options["addopts"].split()
    with_examples = {module.path.partition("/")[0] for module in MODULES if "\n    >>> " in module.text}
    assert with_examples <= set(options["testpaths"])
