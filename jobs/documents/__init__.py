"""The documents of docs/formats.md that jobs hand on, as types: what each holds, and what earlier releases left out.

    metrics      what several of them say of a metric
    evaluation   evaluation.json
    comparison   contestants.json and comparison.json
    reading      any of them from the disk
    baseline     baseline.json
    answers      answers.json
    context      context.json
    trials       trials.json
    window       window.json, and what both kinds of check say of it
    drift        drift.json
    quality      quality.json
    scored       scored.json

`jobs.schema` and `jobs.settings` have those of schema.json and inputs.json. A key that is not required may be missing
in a document of an earlier release. Nothing is checked here: who reads a document that people can change does that.
"""
