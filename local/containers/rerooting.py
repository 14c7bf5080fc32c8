"""Where a container's /opt/ml lies on a machine that has none."""

import re
from pathlib import Path
from typing import Any

_OPT_ML = re.compile(r"(?<![\w.-])/opt/ml(?=/|$|[^\w.-])")


def rerooted(value: Any, root: Path) -> Any:
    """A text, or the texts in lists and maps, with the container's /opt/ml moved to where it lies here.

    >>> rerooted(["--in=/opt/ml/x:/opt/ml/y", "/opt/mlops"], Path("/r"))
    ['--in=/r/x:/r/y', '/opt/mlops']
    """
    if isinstance(value, str):
        return _OPT_ML.sub(lambda _: str(root), value)
    if isinstance(value, dict):
        return {key: rerooted(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [rerooted(item, root) for item in value]
    return value
