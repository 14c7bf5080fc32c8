"""The reports: self-contained HTML pages about a run or a check, for a person with a browser and no network.

It draws what the evaluation found and computes nothing of its own but shares and rounding. Plain data in (the JSON of
docs/formats.md and `jobs.evaluate.curves`), one string out, so that it is tested without an endpoint.
The verdict over a run is not known yet when its page is rendered: it leaves a place for it.

    page.py        a run: the parts put together      drift_page.py, quality_page.py  a check of the live model
    drift_table.py  all columns of a check, worst first, each with its miniatures.py and, folded, its column_details.py
    sections*.py   data -> what the template shows: rounding, capping, words; monitoring.py: what both such pages share
    sections_worth.py  the model beside simpler ones, what its columns are worth, its threshold
    sections_effects.py  how columns move the answers, drawn
    uploaded_page.py  a test of the user's own        drift_verdict.py  a check in one sentence
    figures.py     metrics as their document tells    words.py                  numbers and names as pages show them
    canvas.py      matplotlib -> inline, themed SVG   plots_*.py, distributions.py    the pictures
    shell.py       what every page has                templates/                      the pages and their styles
"""

from jobs.report.page import render

__all__ = ["render"]
