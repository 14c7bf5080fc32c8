"""Real series month by month: what the watch said, how many mails came of it, and whether the model got worse.

`python -m benchmarks real_months` takes hourly bike rentals of 2011 (ISLP; January to June is training);
`python -m benchmarks.real_months --folder FOLDER` also the `elec.csv` of a folder, half-hours of the Australian
electricity market (Elec2; the first 250 days from 7 May 1996 on are training; the file has no dates, but is complete,
with 48 rows a day), twice: once with that model for ever, once with a model trained anew on all of the first 13 months.
A check a week, as `schedule: weekly` makes it, with the rows of that week; the dates are given to the watch as a column
of dates would give them. Beside it stands what one check of the whole month says, and in the figures what checks say
that come as soon as there are 100 rows (every third day for electricity, every fifth for the rentals).

And what labels add, those of each week at its end: a quality check over the last `window_days`, as the monitor makes
it, and the same inputs that are said to have other outcomes. All mails are the monitor's own: "found" and "over", and
what is new of what was told before ("hurts", "worse", "more-columns", "goes-on"); with labels "measured" (the first),
"fell", "recovered" and "other outcomes".

The true loss is that of a gradient boosting of scikit-learn, learned from three of four days of the training
period, against its other days: in ROC AUC for electricity, in R2 for the rentals. Without labels it is estimated as a
check does it, and "doubted" are the checks that see no certain loss and say not to rely on that. Nobody acts on any
mail. The answers' own distribution is not judged.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import acs, error_estimates, peers
from benchmarks.mailed import Looked, by_labels, mails
from benchmarks.real_series import BIKE, SERIES
from jobs.drift.dependence import besides
from jobs.drift.findings import findings, thresholds
from jobs.drift.trust import outside
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence
from jobs.settings import MONITORING

Frame = pd.DataFrame
ELEC_FIRST, ELEC_TRAINED, ELEC_TRAINED_ANEW = "1996-05-07", "1997-01-12", "1997-06-05"
BIKE_TRAINED = "2011-07-01"
FEWEST, MAX_LOSS = int(MONITORING["min_rows"]), float(MONITORING["max_loss"])
WEEK = 7


@dataclass(frozen=True)
class Series:
    """Rows in order of time; `frame` holds the features, `target` what was true. Training ends before `trained`."""

    name: str
    frame: Frame
    target: Any
    times: Any
    trained: str
    is_binary: bool


@dataclass(frozen=True)
class Said:
    """One check: names that drifted, worst first, those that only follow the clock, and those for which an estimate is
    not to be relied on."""

    drifted: tuple[str, ...]
    clock: tuple[str, ...]
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Watch:
    """What is known of the training rows of a series."""

    references: list[Reference]
    known: Any

    @classmethod
    def of(cls, frame: Frame, seconds: Any) -> "Watch":
        values = {name: frame[name].to_numpy() for name in frame.columns}
        references = [Reference.read(one) for one in describe([Column(n, "numeric", v) for n, v in values.items()])]
        return cls(references, dependence(references, values, ["time"], seconds))

    def check(self, frame: Frame, seconds: Any) -> Said:
        now = {name: frame[name].to_numpy() for name in frame.columns}
        pairs = [(one, Counts.empty(one).add(now[one.name])) for one in self.references]
        sample = RowSample.none(self.references, self.known["many_valued"])
        beside = besides(self.known, sample.add(len(frame), now, seconds, lambda places: seconds[places]))
        found = findings(pairs, thresholds({}, pairs), {}, beside)
        return Said(
            tuple(one["name"] for one in found if one["verdict"] == "drifted"),
            tuple(one["name"] for one in found if "seasonal" in one),
            tuple(one["name"] for one in outside(found)),
        )


@dataclass(frozen=True)
class Watched:
    """All checks of a series at one pace: their rows' places, what was said, the estimated losses, and the mails."""

    rows: list[Any]
    said: list[Said]
    losses: tuple[str | None, ...]
    mails: list[str]

    def figures(self) -> dict[str, int]:
        return {
            "checks": len(self.said),
            "raised": sum(bool(check.drifted) for check in self.said),
            "only_the_clock": sum(bool(check.clock) and not check.drifted for check in self.said),
            "mails": sum(map(bool, self.mails)),
        }


def measure(folder: str | None = None) -> dict[str, Any]:
    """By series its checks, those that raised anything, mails, and months. Prints the tables."""
    return {one.name: told(one) for one in series(folder)}


def series(folder: str | None) -> Iterator[Series]:
    home = peers.environment("series", SERIES, "--no-deps").parents[1]
    bike = pd.read_csv(next(home.glob("lib/python*/site-packages")) / "ISLP" / "data" / "Bikeshare.csv")
    times = pd.Timestamp("2010-12-31") + pd.to_timedelta(bike["day"], unit="D") + pd.to_timedelta(bike["hr"], unit="h")
    yield Series(
        "bike_rentals", bike[BIKE].astype(float), bike["bikers"].to_numpy(), times, BIKE_TRAINED, is_binary=False
    )
    if folder and (path := Path(folder) / "elec.csv").exists():
        elec = pd.read_csv(path)
        times = pd.Series(pd.date_range(ELEC_FIRST, periods=len(elec), freq="30min"))
        features, target = elec.drop(columns="class").astype(float), elec["class"].to_numpy()
        yield Series("electricity", features, target, times, ELEC_TRAINED, is_binary=True)
        yield Series("electricity_trained_anew", features, target, times, ELEC_TRAINED_ANEW, is_binary=True)


def told(one: Series) -> dict[str, int]:
    """Prints a table of one series."""
    trained = one.times < one.trained
    seconds = one.times.to_numpy().astype("datetime64[s]").astype(np.float64)
    watch = Watch.of(one.frame[trained], seconds[trained])
    answers, held_out = answered(one, int(trained.sum()))
    before = worth(answers.iloc[held_out], is_binary=one.is_binary)
    weekly = watched(one, watch, seconds, answers, held_out, WEEK)
    true = np.array([before - worth(answers.iloc[rows], is_binary=one.is_binary) for rows in weekly.rows])
    changed = by_labels.relation_changed(one.frame, answers, held_out, weekly.rows, is_binary=one.is_binary)
    labelled = mails(by_labels.checks(answers, held_out, weekly.rows, seconds, changed, is_binary=one.is_binary))
    metric = "ROC AUC" if one.is_binary else "R2"
    print(f"\n{one.name}, trained before {one.trained} ({int(trained.sum()):,} rows), {metric} held out {before:.3f}\n")
    print(
        "| Month | Checks | Raised | In which columns | Only the clock | Loss called certain | Mails | Mails by labels "
        f"| The month at once | True loss of {metric} |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    months = one.times.dt.strftime("%Y-%m").to_numpy()
    of_month = [months[rows[-1]] for rows in weekly.rows]
    at_once = []
    for month in sorted(set(of_month)):
        here = [place for place, name in enumerate(of_month) if name == month]
        rows = np.flatnonzero((months == month) & ~trained.to_numpy())
        said = [weekly.said[place] for place in here]
        cells = [month, len(here), sum(bool(check.drifted) for check in said)]
        cells += [_counted([check.drifted for check in said]), _counted([check.clock for check in said])]
        certain = [weekly.losses[place] == "certain" for place in here]
        doubted = [bool(weekly.said[place].outside) and weekly.losses[place] != "certain" for place in here]
        cells += [f"{sum(certain)}" + (f", {sum(doubted)} doubted" if any(doubted) else "")]
        cells += [", ".join(weekly.mails[place] for place in here if weekly.mails[place]) or "–"]
        cells += [", ".join(labelled[place] for place in here if labelled[place]) or "–"]
        whole = watch.check(one.frame.iloc[rows], seconds[rows])
        at_once.append(Looked(datetime.fromtimestamp(seconds[rows[-1]], UTC), whole.drifted))
        cells += [", ".join(whole.drifted) or "–"]
        cells += [f"{before - worth(answers.iloc[rows], is_binary=one.is_binary):+.3f}"]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    figures = weekly.figures() | {"months": len(at_once), "mails_of_monthly_checks": sum(map(bool, mails(at_once)))}
    figures |= {"weeks_that_lost": int((true > MAX_LOSS).sum()), "mails_by_labels": sum(map(bool, labelled))}
    figures |= {"mails_beside_the_reminders": sum(mail not in {"", "goes-on"} for mail in weekly.mails)}
    if changed is not None:
        last = one.times.iloc[weekly.rows[changed][-1]]
        print(f"\nWith labels: outcomes are said to have changed in week {changed + 1}, {last:%Y-%m-%d}")
        figures["outcomes_changed_in_week"] = changed + 1
    certain = np.array(weekly.losses) == "certain"
    doubted = np.array([bool(check.outside) for check in weekly.said]) & ~certain
    figures |= {"doubted": int(doubted.sum()), "doubted_and_lost": int((doubted & (true > MAX_LOSS)).sum())}
    figures |= {"called_certain": int(certain.sum()), "called_rightly": int((certain & (true > MAX_LOSS)).sum())}
    days = int(np.ceil(FEWEST / (len(one.times) / one.times.dt.date.nunique())))
    soonest = watched(one, watch, seconds, answers, held_out, days)
    return figures | {f"{name}_every_{days}_days": value for name, value in soonest.figures().items()}


def watched(one: Series, watch: Watch, seconds: Any, answers: Frame, held_out: Any, days: int) -> Watched:
    """The checks of the rows after training, one every so many days."""
    since = (one.times - pd.Timestamp(one.trained)).to_numpy() // np.timedelta64(days, "D")
    windows = [np.flatnonzero(since == number) for number in np.unique(since[since >= 0])]
    windows = [rows for rows in windows if len(rows) >= FEWEST]
    said = [watch.check(one.frame.iloc[rows], seconds[rows]) for rows in windows]
    losses, lost = estimated(one, answers, held_out, windows)
    when = [datetime.fromtimestamp(seconds[rows[-1]], UTC) for rows in windows]
    checks = [
        Looked(at, check.drifted, loss, max(much, 1.0))
        for at, check, loss, much in zip(when, said, losses, lost, strict=True)
    ]
    return Watched(windows, said, losses, mails(checks))


def estimated(one: Series, answers: Frame, held_out: Any, windows: list[Any]) -> tuple[tuple[str | None, ...], Any]:
    """What is said of each window's loss without labels, and how large it is, in times of what is allowed."""
    if one.is_binary:
        found = acs.estimated(answers.iloc[held_out], [answers.iloc[rows] for rows in windows])
        return found.losses, found.lost
    said = {error_estimates.ACTUAL: answers[acs.ACTUAL], error_estimates.PREDICTED: answers[acs.PROBABILITY]}
    whole = one.frame.reset_index(drop=True).assign(**said)
    told = error_estimates.judged(whole.iloc[held_out], [whole.iloc[rows] for rows in windows])
    return tuple(one["loss"] for one in told), [one["lost"]["amount"] / one["lost"]["allowed"] for one in told]


def answered(one: Series, trained: int) -> tuple[Frame, Any]:
    """What the model says to all rows, beside what was true, by the names of `acs`; and the places held out."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    days = one.times.dt.normalize().rank(method="dense").to_numpy()[:trained]
    learned, held_out = np.flatnonzero(days % 4 > 0), np.flatnonzero(days % 4 == 0)
    kind = HistGradientBoostingClassifier if one.is_binary else HistGradientBoostingRegressor
    model = kind(random_state=0).fit(one.frame.iloc[learned], one.target[learned])
    said = model.predict_proba(one.frame)[:, 1] if one.is_binary else model.predict(one.frame)
    frame = pd.DataFrame({acs.ACTUAL: one.target, acs.PROBABILITY: said})
    frame[acs.PREDICTED] = (frame[acs.PROBABILITY] >= 0.5).astype(int)
    return frame, held_out


def worth(frame: Frame, *, is_binary: bool) -> float:
    """ROC AUC, or R2."""
    from sklearn.metrics import r2_score, roc_auc_score

    return float((roc_auc_score if is_binary else r2_score)(frame[acs.ACTUAL], frame[acs.PROBABILITY]))


def _counted(names: list[tuple[str, ...]]) -> str:
    """Names, and in how many checks each was told, the most frequent first."""
    every = [name for some in names for name in some]
    names_told = sorted(set(every), key=lambda name: (-every.count(name), name))
    return ", ".join(f"{name} {every.count(name)}" for name in names_told) or "–"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="where elec.csv lies")
    print(json.dumps(measure(parser.parse_args().folder), indent=1))
