"""The month so far: what each line comes to, what there is to do, and the mail that is sent once a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.costs.prices import Prices
from chalicelib.mails.so_far import Spent, about, as_document, endpoint, is_worth_a_mail, jobs, total
from chalicelib.monitoring.deciding import decide
from chalicelib.monitoring.facts import CheckCompleted, CheckFailed
from chalicelib.names import Kind
from chalicelib.records.traffic import WINDOW, Standing, Traffic
from chalicelib.records.used import Billed, Used
from chalicelib.runtime.accounts import week_of
from chalicelib.serving_mode import Mode
from tests.monitoring.living import asked, drift
from tests.relay.world import World, drop

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWN = Prices("us-east-1")
MACHINE = Standing("sagerelay-churn", NOW - timedelta(days=90), "ml.m5.large", 1)
BUSY = Traffic("churn", Mode.REALTIME, NOW - WINDOW, NOW, requests=50_000_000, seconds=1e7, lately=1e7)
_PRICED = ("training ml.t3.medium", "processing ml.t3.medium", "processing ml.m5.large", "hosting ml.m5.large")
PRICES = f"prices: {{{', '.join(f'{name}: 1' for name in _PRICED)}, serverless: 0.00002, put: 0.000005}}\n"


def test_jobs_are_forecast_by_how_much_of_the_month_is_gone() -> None:
    trained = Used("2026-11", 1, {"training ml.m5.large": 2.1 / 0.115 * 3600})
    assert jobs("runs", trained, KNOWN, NOW).forecast == pytest.approx(3.0)
    assert jobs("runs", replace(trained, unknown=1), KNOWN, NOW).so_far is None
    assert jobs("runs", replace(trained, seconds={"training ml.x": 1.0}), KNOWN, NOW).so_far is None


def test_a_machine_is_counted_from_its_creation_and_to_the_month_s_end() -> None:
    young = endpoint(replace(MACHINE, created=NOW - timedelta(days=2)), BUSY, KNOWN, NOW)
    assert young.so_far == pytest.approx(48 * 0.115)
    assert young.todo == ""
    assert young.forecast == pytest.approx((48 + 9 * 24) * 0.115)
    assert endpoint(MACHINE, BUSY, KNOWN, NOW).so_far == pytest.approx(21 * 24 * 0.115)
    assert endpoint(MACHINE, BUSY, Prices("eu-west-3"), NOW).so_far is None


def test_what_nobody_asks_is_named_with_the_command_that_ends_it_but_not_in_its_first_days() -> None:
    unasked = replace(BUSY, requests=0.0, seconds=0.0, lately=0.0)
    idle = endpoint(MACHINE, unasked, KNOWN, NOW)
    assert idle.idle
    assert "`aws sagemaker delete-endpoint --region us-east-1 --endpoint-name sagerelay-churn`" in idle.todo
    assert not endpoint(replace(MACHINE, created=NOW - timedelta(days=6)), unasked, KNOWN, NOW).idle
    assert "not known" in endpoint(MACHINE, None, KNOWN, NOW).todo


def test_what_is_asked_seldom_is_named_with_the_other_mode() -> None:
    seldom = endpoint(MACHINE, replace(BUSY, requests=30_000.0, seconds=6_000.0), KNOWN, NOW)
    assert "At 30,000 requests in 30 days a serverless endpoint costs about 0.24 USD a month" in seldom.todo
    told = endpoint(MACHINE, replace(BUSY, proposed=Mode.SERVERLESS), KNOWN, NOW)
    line = "`endpoint: {mode: serverless, recreate: true}` in relay.yaml."
    assert told.todo == f"It would cost less in mode serverless: {line}"


def test_requests_are_counted_where_nothing_bills_by_the_hour() -> None:
    serverless = Standing("sagerelay-churn", NOW, memory_mb=2048, captured=0.5)
    traffic = replace(BUSY, mode=Mode.SERVERLESS, month="2026-11", month_requests=21_000.0)
    one = endpoint(serverless, traffic, KNOWN, NOW)
    usd = 21_000 * (0.2 * 2 * 0.00002 + 0.5 * 0.000005)
    assert one.so_far == pytest.approx(usd)
    assert one.forecast == pytest.approx(usd * 30 / 21)
    assert endpoint(serverless, replace(traffic, month="2026-10"), KNOWN, NOW).so_far == 0
    assert endpoint(serverless, None, KNOWN, NOW).so_far is None


def test_the_mail_has_the_same_figures_and_what_to_do() -> None:
    found = [Spent("3 runs of churn", 1.5, 2.0), endpoint(MACHINE, replace(BUSY, lately=0.0), KNOWN, NOW)]
    mail = about(found, 10.0, NOW)
    assert mail.machine["usd"] == as_document(found, NOW)["usd"] == total(found)[0]
    assert mail.subject == "costs: 59 USD so far in November, 85 USD by its end; 1 endpoint that nobody asks"
    assert "3 runs of churn" in mail.text
    assert "* sagerelay-churn (1 x ml.m5.large): Nobody has asked it for 7 days." in mail.text
    assert "not known" in about([Spent("a", None, None, idle=True)], 10.0, NOW).text
    assert not is_worth_a_mail([], 0.0)


# --- over the runtime


@pytest.fixture
def here() -> World:
    return World()


def test_runs_and_checks_are_added_up_when_they_end(here: World) -> None:
    drop(here, "relay.yaml", PRICES.encode())
    here.relay(drop(here), here.runtime.receive)
    ran = here.runtime.executor.store.dataset("churn").used
    assert ran is not None
    assert (ran.jobs, ran.unknown, ran.month) == (1, 1, "2026-11")  # its trials told no seconds
    assert ran.seconds["training ml.t3.medium"] == 60
    here.runtime.sweep()
    here.capture(f"{here.time:%Y/%m/%d/%H}/x.jsonl")
    here.runtime.receive(asked())
    [check] = here.monitor().checks
    name = str(here.monitor().keys(check).job(1))
    here.end_check(Kind.DRIFT, drift("stable"))
    here.sagemaker.checked[name] = CheckCompleted(Kind.DRIFT, check.ordinal, 1, Billed("processing ml.m5.large", 90))
    for _ in range(2):
        here.runtime.sweep()
    assert here.monitor().used == Used("2026-11", 1, {"processing ml.m5.large": 90})


def test_an_end_that_is_learned_twice_counts_once_and_an_attempt_that_failed_counts_too(here: World) -> None:
    here.relay(drop(here), here.runtime.receive)
    here.runtime.sweep()
    here.capture(f"{here.time:%Y/%m/%d/%H}/x.jsonl")
    here.runtime.receive(asked())
    monitor, ordinal = here.monitor(), here.monitor().checks[0].ordinal
    failed = CheckFailed(Kind.DRIFT, ordinal, 1, "InternalServerError: x", Billed("processing ml.m5.large", None))
    again = decide(decide(monitor, failed, here.time).monitor, failed, here.time).monitor
    done = CheckCompleted(Kind.DRIFT, ordinal, 2, Billed("processing ml.m5.large", 60))
    twice = decide(decide(again, done, here.time).monitor, done, here.time).monitor
    assert twice.used == Used("2026-11", 2, {"processing ml.m5.large": 60}, unknown=1)


def test_the_mail_comes_once_a_week_where_something_bills_that_nobody_asks(here: World) -> None:
    drop(here, "relay.yaml", (PRICES + "endpoint: {mode: realtime}\nmonitoring: {enabled: false}\n").encode())
    here.relay(drop(here), here.runtime.receive)
    here.sagemaker.stands["sagerelay-churn"] = Standing("sagerelay-churn", here.time, "ml.m5.large", 1)
    here.runtime.sweep()
    here.mails()
    told = []
    for days in (1, 1, 7, 1, 7, 1):
        here.time += timedelta(days=days)
        for _ in range(2):
            here.runtime.sweep()
        told += [(week_of(here.time), mail) for mail in here.mails() if mail["kind"] == "costs"]
    assert len({week for week, _ in told}) == len(told) >= 2
    assert told[-1][1]["lines"][0]["idle"]
    assert told[-1][1]["above"] == 10.0
    here.dynamodb.items.pop("sweep")  # whoever knows nothing of the last sweep does not send it twice
    here.runtime.sweep()
    assert "costs" not in [mail["kind"] for mail in here.mails()]
