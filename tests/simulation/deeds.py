"""What people do in a history: files, settings, broken things, labels, tests, approvals; alone and all at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.outcomes import BROKEN

if TYPE_CHECKING:
    from tests.simulation.world import World

Deed = tuple[str, Callable[["World"], None]]

# Names that are each other's beginnings, share their first letters, or look like the name of a job.
_DATASETS = (("churn",), ("churn", "churn-eu"), ("customer-churn-emea", "customer-churn-apac"), ("a-drift-1-aaaaaa",))
_SETTINGS = (
    "",
    "algorithm: xgboost\ntuning: {enabled: false}\n",
    "algorithm: linear-learner\ntuning: {enabled: false}\ngate: {approval: manual}\n",
    (
        "algorithm: auto\ntuning: {strategy: Random, warm_start: true}\n"
        "monitoring: {schedule: rate(30 minutes), rollback: itself}\n"
    ),
    (
        "algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: rate(20 minutes)}\n"
        "retraining: {policy: on_drift, cool_down_hours: 0, max_tries: 2}\n"
    ),
    (
        "algorithm: xgboost\ntuning: {enabled: false}\nmonitoring: {schedule: rate(1 hour)}\n"
        "retraining: {policy: on_quality_loss, cool_down_hours: 0.5, labelled_traffic: true}\n"
    ),
    (
        "algorithm: auto\ntuning: {enabled: false}\n"
        "retraining: {policy: schedule, schedule: rate(2 hours), cool_down_hours: 1}\n"
    ),
    (
        "algorithm: xgboost\ntuning: {enabled: false}\nretraining: {policy: on_estimated_loss, cool_down_hours: 0}\n"
        "monitoring: {schedule: rate(30 minutes)}\n"
    ),
    "target: [this, is, no, name\n",
    "tunning: {enabled: false}\n",
    "algorithm: linear-learner\nmonitoring: {enabled: false}\ntuning: {strategy: Random, warm_start: true}\n",
)


_BATCH = (
    "algorithm: auto\nendpoint: {mode: batch}\ntuning: {enabled: false}\n",
    "algorithm: xgboost\nendpoint: {mode: batch}\ntuning: {enabled: false}\nmonitoring: {schedule: rate(1 hour)}\n",
)


_SEVERAL = (
    "algorithm: [auto, xgboost]\ntuning: {trials: 3}\n",
    "algorithm: [xgboost, auto]\ntuning: {enabled: false}\ngate: {approval: manual}\n",
    "algorithm: [auto, xgboost]\nendpoint: {mode: batch}\nretraining: {policy: on_drift, cool_down_hours: 0}\n",
)


def begin(world: World) -> None:
    """Put everything that people will do on the clock."""
    chance = world.chance
    datasets = chance.pick(_DATASETS, "datasets")
    moments = [chance.between(0.0, world.weather.storm, f"moment {number}") for number in range(5)]
    for dataset in datasets:
        first = chance.between(0.0, 60.0, f"first {dataset}")
        if settings := _first_settings(world, dataset):
            _do(world, f"{dataset} first settings", first / 2, _put(dataset, "relay.yaml", settings.encode()))
        _do(world, f"{dataset} first data", first, _put(dataset, "train/jan.csv", b"jan"))
    for number in range(3 + int(12 * chance.share("how much is done"))):
        # Some things happen together with others, because what comes together meets.
        moment = chance.pick(moments, f"when {number}")
        when = moment + chance.between(0.0, 4.0, f"delay of deed {number}")
        dataset = chance.pick(datasets, f"whose {number}")
        label, deed = _deed(world, dataset, number)
        _do(world, f"{dataset} {number} {label}", when, deed)
    if chance.share("whether somebody meddles") < 0.3:
        for number in range(1 + int(3 * chance.share("how much is meddled with"))):
            when = chance.between(0.3, 1.2, f"when meddled {number}") * world.weather.storm
            if chance.share(f"what is meddled with {number}") < 0.8:
                _do(world, f"meddles {number}", when, partial(_meddle, number=number))
            else:
                whose = chance.pick(datasets, f"whose file {number}")
                _do(world, f"{whose} withdraws {number}", when, _withdraw(whose, number))
    if chance.share("whether a request is late") < 0.15:
        _do(world, "a late request", chance.between(0.4, 1.0, "when it comes") * world.weather.storm, _come_late)
    if chance.share("whether a folder comes last") < 0.4:  # after which nobody looks for another reason
        _do(world, "a last folder", world.weather.storm - 60.0, _put_all(datasets[0], "train/last", 20))


def _first_settings(world: World, dataset: str) -> str:
    chance = world.chance
    if chance.share(f"whether {dataset} begins over several algorithms") < 0.1:
        return chance.pick(_SEVERAL, f"which several {dataset}")
    if chance.share(f"whether {dataset} begins without an endpoint") < 0.1:
        return _BATCH[0]
    return chance.pick(_SETTINGS[:8], f"first settings {dataset}")


_CALM = b"algorithm: xgboost\ntuning: {enabled: false}\n"
NO_MORE_SCHEDULES = 12 * 3600.0


def settle(world: World, since: float) -> None:
    """People answer what still waits for them, and let what would go on for ever come to its end."""
    if since > NO_MORE_SCHEDULES:
        for dataset in {dataset for datasets in _DATASETS for dataset in datasets}:
            if world.bucket.body(f"datasets/{dataset}/relay.yaml") not in {None, _CALM}:
                world.upload(f"datasets/{dataset}/relay.yaml", _CALM)
    for package in world.registry.waiting():
        approve = world.chance.share(f"answer to {package['ClientToken']}") < 0.5
        _answer(world, package, approve=approve)


def _do(world: World, label: str, when: float, deed: Callable[[World], None]) -> None:
    def happen() -> None:
        if world.chance.happens(f"user: {label}"):
            world.tell(f"user: {label}")
            deed(world)

    world.scheduler.at(when, happen)


def _deed(world: World, dataset: str, number: int) -> Deed:
    chance = world.chance
    kind = chance.share(f"kind of deed {number}")
    name = chance.pick(("jan", "feb", "mar"), f"file {number}")
    limits: tuple[tuple[float, str, Callable[[World], None]], ...] = (
        (0.20, f"new data {name}", _put(dataset, f"train/{name}.csv", f"{name} {number}".encode())),
        (0.28, f"the same data {name}", _put(dataset, f"train/{name}.csv", name.encode())),
        (0.31, "a folder at once", _put_all(dataset, f"train/{number}", 8)),
        (0.35, f"broken data {name}", _put(dataset, f"train/{name}.csv", BROKEN)),
        (0.48, "settings", _put(dataset, "relay.yaml", _settings(world, number))),
        (0.52, "a file in the wrong place", _put(dataset, f"trian/{name}.csv", b"x")),
        (0.555, f"a test file {name}", _put(dataset, f"test/{name}.csv", b"t")),
        (0.58, f"a file to score {name}", _put(dataset, f"score/{name}.csv", b"s%d" % (number % 2))),
        (0.66, f"labels {name}", _put(dataset, f"labels/{name}.csv", f"l{number}".encode())),
        (0.82, "traffic", lambda world: traffic(world, dataset, number)),
        (0.86, "a request for a check", lambda world: world.ask(dataset, number)),
        (0.89, "a drill", lambda world: world.ask(dataset, number, f"drill-{number}")),
        (0.905, "a rollback", lambda world: world.roll_back(dataset, number)),
        (0.915, "cancels", lambda world: world.cancel(dataset, number)),
        (0.92, "promotes an earlier model", lambda world: world.promote(dataset, number)),
        (0.925, "wants another model", lambda world: world.retrain(dataset, number)),
        (0.94, "approval", lambda world: _answer_all(world, approve=True)),
        (0.97, "refusal", lambda world: _answer_all(world, approve=False)),
        (0.985, "deletion of the live endpoint", lambda world: take_live(world, dataset)),
        (1.01, "deletion of a candidate", lambda world: _take_a_candidate(world, 60)),
    )
    return next((label, deed) for limit, label, deed in limits if kind < limit)


def _settings(world: World, number: int) -> bytes:
    if world.chance.share(f"mode {number}") < 0.2:
        return world.chance.pick(_BATCH, f"which mode {number}").encode()
    if world.chance.share(f"several {number}") < 0.1:
        return world.chance.pick(_SEVERAL, f"which several {number}").encode()
    return world.chance.pick(_SETTINGS, f"settings {number}").encode()


def _put(dataset: str, name: str, body: bytes) -> Callable[[World], None]:
    return lambda world: world.upload(f"datasets/{dataset}/{name}", body)


def _put_all(dataset: str, name: str, files: int) -> Callable[[World], None]:
    """So many files or fewer, one after the other, as a client uploads a folder."""

    def put(world: World) -> None:
        seconds = world.chance.pick((2.0, 5.0, 20.0), f"how fast {name}")
        for number in range(world.chance.pick((2, 3, files), f"how many {name}")):
            one = _put(dataset, f"{name}-{number}.csv", b"%d" % number)
            world.later(world.chance.between(0.0, seconds, f"{name} {number}"), partial(one, world))

    return put


def traffic(world: World, dataset: str, number: int) -> None:
    """Callers ask the live endpoint, which captures it, if there is one."""
    endpoint = f"sagerelay-{dataset}"
    if endpoint in world.endpoints.endpoints:
        hour = f"{world.clock():%Y/%m/%d/%H}"
        world.bucket.put(f"capture/{endpoint}/AllTraffic/{hour}/{number}.jsonl", b"{}")


def _meddle(world: World, number: int) -> None:
    """Somebody deletes or changes something below runs/: one document, or all of a run's."""
    chance = world.chance
    if not world.begun:
        return
    run = f"runs/{chance.pick(list(world.begun), f'meddled {number}')}"
    one = chance.pick(world.bucket.under(f"{run}/") or [f"{run}/inputs.json"], f"which of it {number}")
    is_all, is_gone = (chance.share(f"{what} {number}") < 0.65 for what in ("all of a run's", "gone"))
    world.tell(f"user: {'deletes' if is_gone else 'changes'} {run if is_all else one}")
    world.meddled[run.partition("/")[2]] = world.now
    for key in world.bucket.under(f"{run}/") if is_all else [one]:
        world.meddled[key] = world.now
        if is_gone:
            world.bucket.delete(key)
        else:
            world.bucket.put(key, chance.pick((b"", b"{not json", b"[]", b"{}"), f"changed {key}"))


def _withdraw(dataset: str, number: int) -> Callable[[World], None]:
    """Somebody deletes a file of their own, which a run under way may be made of."""

    def withdraw(world: World) -> None:
        keys = world.bucket.under(f"datasets/{dataset}/train/")
        if keys:
            key = keys[int(world.chance.share(f"withdrawn {number}") * len(keys))]
            world.tell(f"user: deletes {key}")
            world.withdrawn[dataset] = world.now
            world.bucket.delete(key)

    return withdraw


def _come_late(world: World) -> None:
    """A function that stood still goes on, and makes a model behind everybody who has cleaned up; it dies of it."""
    gone = [request for name, request in world.endpoints.asked_for.items() if name not in world.endpoints.models]
    if gone:
        world.tell(f"late: {gone[0]['ModelName']} is made once more")
        world.endpoints.create_model(**gone[0])


def _take_away(world: World, endpoint: str) -> bool:
    """Somebody deletes an endpoint, perhaps to save money; whether SageMaker let them."""
    found = world.endpoints.endpoints.get(endpoint)
    if found is None or found.status != "InService":
        return False
    world.tell(f"user: deletes {endpoint}")
    world.taken_away.add(endpoint)
    world.endpoints.failures[found.config] = "deleted by hand"
    world.endpoints.delete_endpoint(endpoint)
    return True


def take_live(world: World, dataset: str) -> None:
    """Somebody deletes the live endpoint."""
    _take_away(world, f"sagerelay-{dataset}")


def _take_a_candidate(world: World, minutes: int) -> None:
    """Somebody deletes the first candidate they meet within the next minutes."""
    names = [name for name, there in world.endpoints.endpoints.items() if name == there.config]
    if not any(_take_away(world, name) for name in names) and minutes:
        world.later(60.0, lambda: _take_a_candidate(world, minutes - 1))


def _answer_all(world: World, *, approve: bool) -> None:
    for package in world.registry.waiting():
        _answer(world, package, approve=approve)


def _answer(world: World, package: dict[str, object], *, approve: bool) -> None:
    run = str(package["ClientToken"])
    world.tell(f"user: {'approves' if approve else 'refuses'} {run}")
    if approve:
        world.approved.add(run)
    if world.stormy and world.chance.share(f"how {run} is answered") < 0.5:
        world.request(f"answer {run} {approve}", "Approval Given" if approve else "Approval Declined", run=run)
        return
    world.registry.update_model_package(str(package["ModelPackageArn"]), "Approved" if approve else "Rejected")
