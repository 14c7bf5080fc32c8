"""The report: one self-contained HTML page about one run, for a person with a browser and no network.

It draws what the evaluation found and computes nothing of its own but shares and rounding. Plain data in (the JSON of
docs/formats.md and `jobs.evaluate.curves`), one string out, so that it is tested without an endpoint.
The verdict is not known yet when it is rendered: it leaves a place for it.

    page.py     the parts put together          sections*.py  data -> what the template shows: rounding, capping, words
    canvas.py   matplotlib -> inline, themed SVG   plots_*.py    the pictures
    templates/  the page and its style
"""

from jobs.report.page import render

__all__ = ["render"]
