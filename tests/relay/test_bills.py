"""What a promotion says about money: sums only from the table, and how to end it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.algorithms import images
from chalicelib.costs.price_list import SHIPPED
from chalicelib.costs.prices import Prices, Use
from chalicelib.mails import bills, serving
from chalicelib.mails.messages import about_run
from chalicelib.records.commands import Mail
from chalicelib.records.run import Stage
from chalicelib.runtime import telemetry
from chalicelib.serving_mode import Mode
from chalicelib.settings import relay_yaml, schedules
from jobs.performance_estimation.estimate import ESTIMATED
from ops.deployment.package import ROOT
from tests.relay.builders import DEPLOYMENT, evaluation, run, settings


def mail(region: str = "eu-west-1", kind: Mail = Mail.PROMOTED, stage: Stage = Stage.LIVE, **chosen: Any) -> str:
    deployment = replace(DEPLOYMENT, region=region, prefix="sagerelay-prod")
    return about_run(kind, run(stage, evaluation=evaluation(), settings=settings(**chosen)), deployment).text


def test_a_promotion_says_that_its_endpoint_bills_what_that_is_a_month_and_the_one_command_that_ends_it() -> None:
    text = mail("us-east-1")
    assert (
        "On AWS this endpoint bills by the hour from now on, used or not: about 84 USD a month (1 x ml.m5.large in "
        "us-east-1 at 0.115 USD an hour: AWS's price list, 2026-07). To end it:\n"
        "  aws sagemaker delete-endpoint --region us-east-1 --endpoint-name sagerelay-prod-churn\n"
    ) in text


def test_what_is_not_known_is_said_so() -> None:
    text = mail("ap-south-1", monitoring={"instance": "ml.t3.medium"})
    assert "used or not: 1 x ml.m5.large in ap-south-1, whose price is not known here. To end it:" in text
    assert "processing jobs on 1 x ml.t3.medium, whose price is not known here" in text
    assert "custom metrics in CloudWatch, whose price is not known here" in text
    assert "USD" not in text


@pytest.mark.parametrize(
    ("region", "chosen", "told"),
    [
        (
            "eu-west-1",
            {"endpoint": {"instance": "ml.m5.xlarge", "count": 3}},
            "about 563 USD a month (3 x ml.m5.xlarge",
        ),
        (
            "eu-west-1",
            {"monitoring": {"instance": "ml.m5.xlarge"}},
            "up to 0.13 USD a month for each minute that one takes (0.257 USD an hour: AWS's own bill, 2023-12)",
        ),
        (
            "eu-west-1",
            {"monitoring": {"schedule": "rate(6 hours)"}},
            "checks (rate(6 hours), where there was traffic: up to 124 a month) are processing jobs",
        ),
        (
            "us-east-1",
            {"monitoring": {"feature_metrics": True}},
            "up to 112 custom metrics in CloudWatch, up to 34 USD a month (0.30 USD each",
        ),
        (
            "us-east-1",
            {},
            "up to 12 custom metrics in CloudWatch, up to 3.6 USD",
        ),
        ("us-east-1", {}, "`monitoring: {enabled: false}` in relay.yaml ends both."),
    ],
)
def test_endpoints_checks_and_metrics_are_told_as_they_are_set(region: str, chosen: Any, told: str) -> None:
    assert told in mail(region, **chosen)


@pytest.mark.parametrize(
    ("schedule", "month"),
    [
        ("hourly", 744),
        ("daily", 31),
        ("weekly", 5),
        ("rate(5 minutes)", 8_928),
        ("rate(90 minutes)", 496),
        ("rate(40 days)", 1),
        ("cron(0/1 * * * ? *)", 8_928),
        ("cron(0 3 ? * MON-FRI *)", 23),
        ("cron(0 3 ? * 2 2026)", 5),
        ("cron(0 3 31 * ? *)", 1),
        ("cron(0 3 31 FEB ? *)", 0),
        ("cron(15,45 0/6 * * ? *)", 248),
    ],
)
def test_the_checks_of_a_month_are_counted_by_what_the_schedule_does(schedule: str, month: int) -> None:
    assert bills.checks_a_month(schedule) == month
    seen = max(
        len({moment.replace(minute=moment.minute // 5 * 5) for moment in fired(schedule, begun)})
        for begun in (datetime(2026, one, 1, tzinfo=UTC) for one in (1, 2, 3, 11))
    )
    assert month >= seen


def fired(schedule: str, start: datetime) -> list[datetime]:
    end = (start + timedelta(days=31)).replace(day=1)
    read = schedules.parse(schedules.WORDS.get(schedule, schedule))
    before = start - timedelta(minutes=1)
    return list(
        schedules.firings(read, start=start - timedelta(hours=1), after=before, until=end - timedelta(minutes=1))
    )


def test_a_model_that_is_not_monitored_has_no_checks_to_pay() -> None:
    text = mail("us-east-1", monitoring={"enabled": False})
    assert "bills by the hour" in text
    assert "custom metrics" not in text


@pytest.mark.parametrize(
    ("kind", "stage"),
    [(Mail.REJECTED, Stage.REJECTED), (Mail.APPROVAL_NEEDED, Stage.AWAITING_APPROVAL), (Mail.WAITING, Stage.TRAINING)],
)
def test_no_other_mail_speaks_of_money(kind: Mail, stage: Stage) -> None:
    assert "bills" not in mail(kind=kind, stage=stage)


def test_every_price_has_a_source_a_date_and_a_region_that_there_is() -> None:
    for (region, named), price in SHIPPED.items():
        assert images.xgboost(region)
        assert relay_yaml.read_settings(f"prices: {{{named}: 1}}").prices == {named: 1}
        assert price.usd > 0
        assert len(price.source) > 5
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", price.read)


def test_a_price_is_of_one_region_one_use_and_one_type() -> None:
    assert Prices("eu-west-1").of(Use.HOSTING, "ml.g4dn.xlarge")
    assert Prices("eu-west-1").of(Use.PROCESSING, "ml.g4dn.xlarge") is None
    assert Prices("eu-west-2").of(Use.HOSTING, "ml.g4dn.xlarge") is None


def test_what_relay_yaml_says_of_a_price_counts_before_all_else() -> None:
    text = mail("us-east-1", prices={"hosting ml.m5.large": 0.2})
    assert "about 146 USD a month (1 x ml.m5.large in us-east-1 at 0.2 USD an hour: relay.yaml, as written)" in text


def sent(result: dict[str, Any], output: str) -> set[tuple[str, ...]]:
    """A custom metric is its name with its dimensions."""
    found = set()
    for line in output.splitlines():
        blob = json.loads(line)
        for directive in blob["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                values = [str(blob[name]) for name in names]
                found |= {(metric["Name"], *values) for metric in directive["Metrics"]}
    return found


@pytest.mark.parametrize("features", [True, False])
def test_as_many_metrics_are_sent_at_most_as_are_told(
    features: bool,  # noqa: FBT001 (a case)
    capsys: pytest.CaptureFixture[str],
) -> None:
    scored = [{"name": f"column {n}", "score": n / 500} for n in range(300)]
    most = max(ESTIMATED.values(), key=len)
    result: Any = {
        "state": "drifted", "window": {"rows": 10}, "share_drifted": 0.5, "features": scored,
        "predictions": [{"name": "predicted", "score": 0.9}],
        "estimate": {"metrics": {name: {"estimated": 0.5} for name in most}},
    }  # fmt: skip
    telemetry.drift("churn", result, features=features)
    assert len(sent(result, capsys.readouterr().out)) == bills.metrics({"feature_metrics": features})


def test_what_the_functions_count_of_themselves_is_counted() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "chalicelib").rglob("*.py")]
    assert len({name for text in sources for name in re.findall(r"\bcount\(\"(\w+)\"\)", text)}) == bills.OWN_METRICS


def test_the_page_on_deploying_says_the_prices_of_the_table() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for region, component, instance in (
        ("us-east-1", Use.HOSTING, "ml.m5.large"),
        ("eu-west-1", Use.HOSTING, "ml.m5.xlarge"),
        ("eu-west-1", Use.PROCESSING, "ml.m5.xlarge"),
        ("us-east-1", Use.PROCESSING, "ml.m5.large"),
        ("us-east-1", Use.TRAINING, "ml.m5.xlarge"),
    ):
        price = Prices(region).of(component, instance)
        assert price is not None
        assert f"`{instance}` | {region} | {price.usd:g} an hour" in page
        assert str(price) in page
    metric = Prices("us-east-1").of(Use.METRIC)
    assert metric is not None
    assert f"{metric.usd:.2f} a month each" in page
    assert f"up to {bills.metrics({'feature_metrics': True})} a monitored dataset" in page
    assert f"and {bills.OWN_METRICS} of the deployment" in page


def test_the_readme_s_mail_is_the_one_of_today() -> None:
    live = run(Stage.LIVE, settings=settings(algorithm="auto"), mode=Mode.SERVERLESS, artifact_bytes=60_000)
    told = serving.going_on(Prices("us-east-1"), "sagerelay-employment", live)
    assert all(f"    | {line}\n" in (ROOT / "README.md").read_text(encoding="utf-8") for line in told.split("\n"))
