from typing import Any


def render(context: dict[str, Any], schema: dict[str, Any], evaluation: dict[str, Any], curves: dict[str, Any], trials: dict[str, Any] | None) -> str:
    return "<!--sagerelay:verdict-->"
