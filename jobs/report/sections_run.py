"""The run's part of the page: the tuning, the data, where everything came from. Capped like `sections.py`."""

import json
from collections import Counter
from typing import Any

from jobs.documents.context import Context
from jobs.documents.trials import Trial, Trials
from jobs.metrics.catalogue import hyperparameter
from jobs.refusals import Notice
from jobs.report import plots_tuning, words
from jobs.report.sections import capped
from jobs.schema import Column, Schema

Plain = dict[str, Any]
MOST_TRIALS = 25
MOST_SLICES = 12
MOST_COLUMNS = 60
MOST_CLASSES = 30
MOST_FILES = 40
MOST_WARNINGS = 40
_LONGEST_SETTINGS = 20_000


def tuning(trials: Trials | None) -> Plain | None:
    """The search: pictures, the best trials, how many ended how. None when nothing was tuned."""
    if not trials or not trials["trials"]:
        return None
    maximize = trials["objective"]["type"] == "Maximize"
    entries = trials["trials"]
    done = [(number, one, value) for number, one in enumerate(entries, 1) if (value := one["objective"]) is not None]
    ranked = sorted(done, key=lambda item: -item[2] if maximize else item[2])
    names = sorted({name for one in entries for name in one["hyperparameters"]})
    rows = [_trial(number, one, names, best=one["name"] == trials["best"]) for number, one, _ in ranked]
    rows += [_trial(number, one, names) for number, one in enumerate(entries, 1) if one["objective"] is None]
    return {
        "strategy": trials["strategy"],
        "metric": trials["objective"]["metric"],
        "instead_of": trials.get("instead_of"),
        "instead_of_lists": trials.get("instead_of_lists") or [],
        "instead_of_strategy": trials.get("instead_of_strategy"),
        "direction": "larger is better" if maximize else "smaller is better",
        "ended": [f"{count} {status.lower()}" for status, count in Counter(one["status"] for one in entries).items()],
        "count": len(entries),
        "seconds": words.duration(sum(one["seconds"] or 0 for one in entries)),
        "warm": len(trials.get("warm_start_parents") or ()),
        "names": names[:MOST_SLICES],
        "trials": capped(rows, MOST_TRIALS),
        "picture": plots_tuning.search([(number, value) for number, _, value in done], maximize=maximize)
        if done
        else None,
        "slices": _slices([(one, value) for _, one, value in done], names[:MOST_SLICES], maximize=maximize),
        "more_slices": max(0, len(names) - MOST_SLICES),
    }


def _trial(number: int, one: Trial, names: list[str], *, best: bool = False) -> Plain:
    return {
        "number": number,
        "best": best,
        "objective": words.number(one["objective"]),
        "status": one["status"],
        "seconds": words.duration(one["seconds"]),
        "why": (one.get("failure_reason") or "")[:200],
        "settings": [_short(one["hyperparameters"].get(name)) for name in names[:MOST_SLICES]],
    }


def _short(value: str | None) -> str:
    return words.ABSENT if value is None else hyperparameter(value)[:30]


def _slices(done: list[tuple[Trial, float]], names: list[str], *, maximize: bool) -> list[Plain]:
    pictures = []
    for place, name in enumerate(names):
        having = [(one, value) for one, value in done if name in one["hyperparameters"]]
        if len({one["hyperparameters"][name] for one, _ in having}) > 1:
            settings = [one["hyperparameters"][name] for one, _ in having]
            objective = [value for _, value in having]
            svg = plots_tuning.slice_of(place, settings, objective, maximize=maximize)
            pictures.append({"name": name, "svg": svg})
    return pictures


def data(schema: Schema, warnings: list[Notice]) -> Plain:
    """Rows, columns by kind, the columns themselves, classes; `warnings` as evaluation.json has them, prepare's too."""
    columns = [column for column in schema["columns"] if column["kind"] != "target"]
    kinds = Counter(column["kind"] for column in columns)
    counts = schema.get("class_counts") or {}
    total = sum(counts.values()) or 1
    classes = [
        {"name": name, "count": f"{count:,}", "share": words.percent(count / total), "bar": 100 * count / total}
        for name, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    most_missing = sorted(columns, key=lambda column: -(column.get("missing") or 0))
    return {
        "rows": [(name, f"{count:,}") for name, count in schema["rows"].items()],
        "kinds": [(words.KINDS.get(kind, kind), count) for kind, count in kinds.most_common()],
        "used": sum(bool(column.get("used")) for column in columns),
        "features": len(schema.get("features") or ()),
        "columns": capped([_column(column) for column in most_missing], MOST_COLUMNS),
        "count": len(columns),
        "classes": capped(classes, MOST_CLASSES),
        "split": schema["split"],
        "warnings": capped(warnings, MOST_WARNINGS),
    }


def _column(column: Column) -> Plain:
    return {
        "name": column["name"],
        "kind": words.KINDS.get(column["kind"], column["kind"]),
        "missing": words.percent(column.get("missing") or 0.0) if column.get("missing") else "0 %",
        "distinct": words.number(column.get("distinct")),
        "used": "yes" if column.get("used") else f"no: {column.get('why_unused') or column['kind']}",
    }


def lineage(context: Context, schema: Schema) -> Plain:
    """What went in, what was done with it, what came out."""
    rows = {entry["key"]: entry.get("rows") for entry in schema.get("files", ())}
    inputs = [
        {"key": entry["key"], "size": words.size(entry.get("size")), "etag": entry.get("etag") or words.ABSENT,
         "version": entry.get("version_id") or words.ABSENT,
         "rows": words.number(rows.get(entry["key"]))}
        for entry in context.get("inputs") or ()
    ]  # fmt: skip
    jobs = [
        {"stage": job["stage"], "name": job["name"], "started": _moment(job.get("started")),
         "seconds": words.duration(job.get("seconds")), "billable": words.duration(job.get("billable_seconds"))}
        for job in context.get("jobs") or ()
    ]  # fmt: skip
    settings = json.dumps(context.get("settings") or {}, indent=2, ensure_ascii=False)
    return {
        "inputs": capped(inputs, MOST_FILES),
        "jobs": capped(jobs, MOST_FILES),
        "hyperparameters": sorted((context.get("hyperparameters") or {}).items()),
        "settings": settings[:_LONGEST_SETTINGS] + ("\n…" if len(settings) > _LONGEST_SETTINGS else ""),
        "model": context.get("model_artifact"),
        "image": context.get("image"),
        "endpoint": context.get("endpoint"),
        "objective": context.get("objective"),
        "live": context.get("live"),
    }


def _moment(text: str | None) -> str:
    return words.ABSENT if not text else text[:19].replace("T", " ")
