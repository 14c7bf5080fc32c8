"""Small typed tables as prepare hands them over, and the same rows as a caller of the endpoint would write them."""

from typing import Any

import numpy as np
import pandas as pd

KINDS = {"age": "numeric", "member": "boolean", "plan": "categorical", "town": "categorical", "signup": "date"}


def table(rows: int = 400, *, towns: int = 60, seed: int = 7) -> pd.DataFrame:
    """Every kind of column, with missing cells; `town` has too many words for one feature each."""
    rng = np.random.default_rng(seed)

    def holes(values: Any) -> Any:
        return np.where(rng.random(rows) < 0.05, np.nan, values)

    plans = pd.Series(rng.choice(["basic", "plus", "pro"], rows)).astype(object)
    plans[rng.random(rows) < 0.05] = None
    moments = pd.to_datetime("2020-01-01") + pd.to_timedelta(rng.integers(0, 60 * 24 * 900, rows), "min")
    signup = pd.Series(moments).mask(rng.random(rows) < 0.05)
    return pd.DataFrame(
        {
            "age": holes(rng.normal(40, 12, rows)),
            "member": holes(rng.integers(0, 2, rows).astype(float)),
            "plan": plans.astype("category"),
            "town": pd.Series([f"town {place}" for place in rng.integers(0, towns, rows)]).astype("category"),
            "signup": signup,
        }
    )


def schema(task: str = "binary", classes: list[str] | None = None, columns: tuple[str, ...] = tuple(KINDS)) -> Any:
    """The schema of `table`, with an unused column and the target."""
    details: dict[str, dict[str, Any]] = {
        "member": {"true_words": ["Yes"], "false_words": ["No"]},
        "signup": {"date_format": "%d.%m.%Y %H:%M", "has_time": True},
    }
    used = [{"name": name, "kind": KINDS[name], "used": True, **details.get(name, {})} for name in columns]
    return {
        "version": 1,
        "task": task,
        "target": "churned",
        "classes": (classes or ["no", "yes"]) if task != "regression" else None,
        "positive_class": (classes or ["no", "yes"])[1] if task == "binary" else None,
        "columns": [
            *used,
            {"name": "id", "kind": "identifier", "used": False},
            {"name": "churned", "kind": "target", "used": False},
        ],
    }


def texts(frame: pd.DataFrame) -> list[list[str | None]]:
    """The rows as text: what the user's own file would hold."""
    written = frame.copy()
    if "member" in written:
        written["member"] = written["member"].map({1.0: "yes", 0.0: "NO"})
    if "signup" in written:
        written["signup"] = written["signup"].dt.strftime("%d.%m.%Y %H:%M")
    return [[None if pd.isna(cell) else str(cell) for cell in row] for row in written.itertuples(index=False)]


def labels(frame: pd.DataFrame, seed: int = 3) -> np.ndarray[Any, Any]:
    """0 or 1, by age and plan and some chance."""
    rng = np.random.default_rng(seed)
    chance = 0.2 + 0.5 * (frame["age"].fillna(40) > 45).to_numpy() + 0.2 * (frame["plan"] == "pro").to_numpy()
    return (rng.random(len(frame)) < chance).astype(int)
