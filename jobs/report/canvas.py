"""matplotlib figures as inline SVG that follows the page's theme.

Colours are drawn as placeholders and replaced by CSS variables, so one picture is right in light, in dark and on
paper. Text stays text (system fonts, selectable, small files). No words of the user's are drawn: those belong into
HTML, where every script has its glyphs, and where they are escaped in one place.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, MUTED, LINE = "#010101", "#020202", "#030303"
SERIES = ("#040404", "#050505", "#060606", "#070707", "#080808", "#090909", "#0a0a0a", "#0b0b0b")
_VARIABLES = {INK: "currentColor", MUTED: "var(--muted)", LINE: "var(--line)"} | {
    color: f"var(--c{place})" for place, color in enumerate(SERIES, 1)
}
_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 8.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "text.color": INK,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
}
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")


class Drawing:
    """One axes in one figure, on its way to SVG."""

    def __init__(self, figure: Figure, axes: Axes) -> None:
        self.figure = figure
        self.axes = axes
        self.svg = ""


@contextmanager
def drawing(name: str, description: str, *, width: float = 3.9, height: float = 3.1) -> Iterator[Drawing]:
    """Draw in the block; afterwards `.svg` holds the picture. Inches of 72 units; `name` is unique on the page.

    `description` says in words what the picture shows (its text alternative); it must hold no user's words.
    """
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        begun = Drawing(figure, figure.add_subplot())
        yield begun
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata=_NO_METADATA)
        begun.svg = _inline(written.getvalue(), name, description)


def _inline(svg: str, name: str, description: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'<svg[^>]*viewBox="([^"]+)"[^>]*>', rf'<svg viewBox="\1" role="img" aria-label="{description}">', svg, count=1
    )
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    referenced = set(_REFERENCE.findall(svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in referenced else "", svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    svg = re.sub(r'="[^"]*"', lambda found: _LONG_NUMBER.sub(r"\1", found[0]), svg)  # coordinates, not the tick labels
    return re.sub("|".join(_VARIABLES), lambda found: _VARIABLES[found[0]], svg)
