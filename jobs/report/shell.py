"""What every page of ours has: one self-contained file, our style, no script, everything a user named escaped.

jinja2 escapes whatever it is given; only the style and our own pictures are handed in as markup, from here.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobs.report import words

_TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, styles: tuple[str, ...] = ("style.css",), **shown: Any) -> str:
    """The page of a template that extends `shell.html.jinja`, as one HTML document."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": words.number, "amount": words.amount, "cut": words.cut, "percent": words.percent}
    style = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in styles)
    ours = Markup(style)  # noqa: S704  our own files
    return environment.get_template(template).render(style=ours, **shown)


def picture(svg: str | None) -> Markup | None:
    """A picture of `canvas.drawing` as markup; None stays None."""
    return None if svg is None else Markup(svg)  # noqa: S704  drawn by matplotlib, which escapes what it writes
