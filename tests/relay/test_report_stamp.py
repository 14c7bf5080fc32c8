"""The verdict in the report: where it left a place, and over the verdict that stands there already."""

from __future__ import annotations

from chalicelib.records.run import Stage, Verdict
from chalicelib.runtime.stamp import verdict_html
from tests.relay.world import World

PAGE = b"<h1>t</h1><!--sagerelay:verdict--><p>rest</p>"


def stamped(here: World, *verdicts: str) -> bytes:
    objects = here.runtime.executor.objects
    objects.write("runs/r/report.html", PAGE, "text/html")
    for verdict in verdicts:
        objects.stamp("runs/r/report.html", verdict)
    return objects.read("runs/r/report.html") or b""


def test_a_later_verdict_replaces_an_earlier_one(here: World) -> None:
    once, twice = stamped(here, "waits"), stamped(here, "waits", "promoted")

    assert b"waits" in once
    assert b"waits" not in twice
    assert twice.startswith(b"<h1>t</h1>")
    assert twice.endswith(b"promoted<!--/sagerelay:verdict--><p>rest</p>")


def test_a_report_that_is_missing_stays_missing(here: World) -> None:
    here.runtime.executor.objects.stamp("runs/none/report.html", "x")

    assert here.runtime.executor.objects.read("runs/none/report.html") is None


def test_the_reason_is_inert_and_a_waiting_model_is_not_called_promoted() -> None:
    passed = Verdict(promote=True, reason="<b>class</b>", ask=True)

    assert "Waits for approval." in verdict_html(passed, Stage.AWAITING_APPROVAL)
    assert "&lt;b&gt;" in verdict_html(passed, Stage.PROMOTING)
