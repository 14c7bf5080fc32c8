"""Everything that can be wrong with a file, and what is then done: the one table of codes.

`docs/input.md` is made from it, and the tests hold one file for every row of it. A sentence that a user reads is made
of three parts: where (file, row, column; by the caller), what (by the caller, with the figures), and what to do (from
here, so that advice is written once).
"""

# ruff: noqa: E501  one row of the table, one line

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    RIGHT = "read right"
    WARNED = "read with a warning"
    COUNTED = "left out and counted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Code:
    code: str
    outcome: Outcome
    what: str
    do: str = ""
    first: bool = False
    """Told among a mail's first lines: where it is not meant so, none of the figures below it is worth reading."""


def _right(code: str, what: str) -> Code:
    return Code(code, Outcome.RIGHT, what)


def _warned(code: str, what: str, do: str = "") -> Code:
    return Code(code, Outcome.WARNED, what, do)


def _first(code: str, what: str, do: str) -> Code:
    return Code(code, Outcome.WARNED, what, do, first=True)


def _refused(code: str, what: str, do: str) -> Code:
    return Code(code, Outcome.REFUSED, what, do)


def _counted(code: str, what: str, do: str = "") -> Code:
    return Code(code, Outcome.COUNTED, what, do)


FILES = (
    _right("gzip", "A gzip-compressed CSV or Parquet file"),
    _right("parquet", "A Parquet file"),
    _right("byte-order-mark", "A byte-order mark at the beginning"),
    _right("utf-16", "UTF-16 or UTF-32 text"),
    _right("other-delimiters", "Semicolon, tab or bar instead of the comma; a `sep=;` line"),
    _right("quoted-newlines", "Line breaks and delimiters inside quotation marks"),
    _right("carriage-returns", "Lines ended by a carriage return alone, or by both characters"),
    _right("blank-lines", "Blank lines anywhere"),
    _right("column-order", "Several files whose columns come in a different order"),
    _warned("named-otherwise", "A name that says another format than the content is", "Rename it, so that others are not misled."),
    _warned("encoding-guessed", "Text that is not UTF-8: read as the code page that its bytes show (Windows-1252, 1250 or 1251, Mac, DOS, Shift-JIS, GBK, ...)", "Export it as UTF-8, or set file.encoding in relay.yaml."),
    _refused("input-changed", "An object that changed or vanished after the run was started", "Upload it again; that starts a new run."),
    _refused("empty-file", "A file without any content", "Export it again and upload it under the same name."),
    _refused("wrong-format", "A workbook, archive, PDF, web page, JSON, image or the like", "Save the table as CSV (UTF-8) or Parquet and upload that."),
    _refused("binary-file", "Binary data under the name of a table", "Save the table as CSV (UTF-8) or Parquet and upload that."),
    _refused("nul-bytes", "NUL bytes in a text file: it was damaged while written or copied", "Export it again."),
    _refused("truncated-gzip", "A gzip file that ends too early or is damaged", "Compress and upload it again."),
    _refused("decompression-bomb", "A file that unpacks to far more than its size explains", "Upload it uncompressed, in parts if need be."),
    _refused("file-too-large", "More text than fits in the memory of the prepare job", "Set a larger instance for prepare in relay.yaml, or upload fewer rows."),
    _refused("broken-parquet", "A Parquet file that is encrypted or damaged", "Write it again and upload it under the same name."),
    _refused("undecodable", "Text that is not in the encoding set, is in two encodings at once, or in one that its bytes do not tell", "Export it as UTF-8, or set file.encoding in relay.yaml."),
)  # fmt: skip

ROWS = (
    _warned("preamble", "Title lines above the header: left out"),
    _warned("comment-lines", "Lines that begin with #: left out"),
    _warned("footer", "A totals row or a note below the table: left out"),
    _warned("subtotals", "Totals among the rows, with a cell empty that all others fill: left out"),
    _warned("repeated-header", "The header once more among the rows: left out"),
    _warned("blank-rows", "Rows in which every cell is empty: left out"),
    _warned("duplicate-rows", "Rows that are exactly equal: kept", "Remove them if they are not separate observations: the same row in training and test makes the figures too good."),
    _first("time-order", "Rows in order of time that are split at random: every test row lies between rows that were learned from", "What was measured holds for rows like the old ones only. Where that is meant, say so with split: {how: random}."),
    _first("same-file", "Files of train/ with the same rows: all are kept", "Remove one of them: a row that is there twice is trained on and tested on at once, which makes the figures too good."),
    _warned("unlabelled-rows", "Rows without a target: left out"),
    _refused("header-only", "A header and no row below it", "Export it with its rows."),
    _refused("ragged-rows", "Rows with more or fewer cells than the header has names", "Put cells that contain the delimiter in quotation marks, or correct file.delimiter in relay.yaml."),
    _refused("shifted-rows", "Several columns of numbers that hold other words in the same rows: their cells stand in the wrong columns", "Put cells that contain the delimiter in quotation marks, or remove these rows; leave columns that are no matter out with ignore in relay.yaml."),
    _refused("broken-quotes", "A quotation mark that is not closed, or not doubled inside a quoted cell", "Close it, or export the file again."),
    _refused("huge-field", "A cell of a megabyte or more", "Remove that column, or look for a quotation mark that is not closed before it."),
    _refused("too-few-rows", "Fewer rows than a model can be trained and tested on", "Add rows."),
)  # fmt: skip

COLUMNS = (
    _right("odd-names", "Column names with HTML, brackets, line breaks or other signs: kept as they are, never interpreted"),
    _warned("blank-header", "A column without a name: named by its position", "Give it a name."),
    _warned("duplicate-column", "A column that is there twice with the same name and the same cells: one is left out"),
    _warned("unusable-column", "A column of lists, structures, maps or bytes in Parquet: not used", "Write what should be learned from as columns of plain values."),
    _warned("pandas-index", "The index that pandas writes into Parquet beside the columns: left out", "If it is data, name it in relay.yaml (as target, or with its kind under columns), or write the file after reset_index()."),
    _warned("empty-column", "A column without any value: not used"),
    _warned("constant-column", "A column with one value only: not used"),
    _warned("identifier-column", "A column that numbers or names the rows: not used", "If it is a measurement, set its kind under columns in relay.yaml."),
    _warned("text-column", "A column of long or nearly unique words: not used", "If its words are categories, set its kind under columns in relay.yaml."),
    _warned("leak", "A column that is the target once more, or follows from it one to one: not used", "If it is really known before the target is, set its kind under columns in relay.yaml."),
    _first("likely-leak", "A column that alone reaches a ROC AUC (or an R2) of 0.98 or more, or tells one of several classes from the others so well: used all the same", "Until then it stays in use; if it is honestly known before, set its kind under columns in relay.yaml, and this is not said again."),
    _refused("one-column", "A table with a single column", "Check the delimiter, or set file.delimiter in relay.yaml."),
    _refused("too-many-columns", "More columns than max_columns", "Leave columns out, or raise max_columns in relay.yaml."),
    _refused("no-header", "A first row that looks like data", "Add a first row with the names of the columns, or set file.header to false (or to true, if it is one) in relay.yaml."),
    _refused("header-too-long", "A column name of more than 300 characters", "Shorten it, or look for a line break or quotation mark that is missing."),
    _refused("duplicate-headers", "Two columns with the same name and different cells", "Rename one of them."),
    _refused("columns-differ", "Several files with different columns", "Give all files of train/ the same columns, or move the others away."),
    _warned("traffic-left-out", "Captured rows whose columns are not those of train/ any more: left out", "New labels for traffic of the new model are learned from again."),
    _refused("unknown-column", "A column named in relay.yaml that no file has", "Correct the name in relay.yaml."),
    _refused("no-features", "No column left to predict from", "Add columns that carry information, or set their kinds under columns in relay.yaml."),
)  # fmt: skip

CELLS = (
    _right("dates", "Dates as 2024-03-05, 05.03.2024, 3/5/2024, 5 March 2024 and the like, with a time and an offset (Z, +00:00, +00) or without; as mails, web servers and C write them (Tue, 05 Mar 2024 10:00:00 GMT or -0700 (PDT); 05/Mar/2024:10:00:00 +0000; Tue Mar 5 10:00:00 2024)"),
    _right("months", "Months (2024-03, 2024M03, 03/2024, Mar-24, March 2024), quarters (2024Q1, 2024-Q1, Q1 2024, 1Q24) and ISO weeks (2024-W05, 2024-W05-3): the day on which they begin"),
    _right("times-of-day", "Times without a date (18:03:27, 18:03, 6:03 PM): seconds since midnight"),
    _warned("decimal-commas", "Decimal commas: read as decimal points", "Requests to the endpoint need decimal points."),
    _warned("thousands-separators", "Thousands separators: removed", "Requests to the endpoint need plain numbers."),
    _warned("odd-minus", "Negative numbers as (5), 5- or with the typographic sign U+2212: read as negative", "The endpoint reads them so too, but without thousands separators and signs of a currency."),
    _warned("ambiguous-numbers", "1,234 or 1.234 with nothing to show whether the sign divides thousands or decimals", "Set file.decimal in relay.yaml to be sure."),
    _warned("currency-signs", "Currency signs on numbers: removed", "Requests to the endpoint need plain numbers."),
    _warned("measures", "One unit behind every number of a column (51,000 mi., 12 kg): removed", "Requests to the endpoint need plain numbers."),
    _warned("percent-signs", "Percent signs on numbers: removed, 12% is read as 12", "Requests to the endpoint need plain numbers."),
    _warned("durations", "Durations in Parquet: read as numbers of seconds", "Requests to the endpoint need seconds."),
    _warned("missing-words", "Words for a missing value (NA, N/A, null, NULL of databases as \\\\N, [NULL] or (null), -, ? and the like): read as missing"),
    _warned("infinite-values", "Infinite or unrepresentably large numbers: read as missing"),
    _warned("huge-integers", "Integers too long to be told apart as numbers: read as words", "If they are measurements, set the kind to numeric under columns in relay.yaml."),
    _warned("leading-zeros", "Numbers with leading zeros, like 007: kept as words", "If they are measurements, set the kind to numeric under columns in relay.yaml."),
    _warned("stray-words", "Cells that are no number (or date) in a column of numbers (or dates), in test/ also no yes or no where the model knows these: read as missing. Where they are more than a slip, the endpoint takes these words as missing, too", "Correct them in the file; or set the column's kind to categorical under columns in relay.yaml, if they are words."),
    _warned("numbers-as-words", "A column of numbers with other cells among them, which are codes (like 12a) or many: read as words", "Correct the cells; or set the column's kind under columns in relay.yaml (numeric reads them as missing, categorical says that they are words)."),
    _warned("ambiguous-dates", "Dates like 03/04/2024, day or month first", "Write dates as 2024-04-03 to be sure."),
    _warned("two-digit-years", "Dates with years of two digits: 69 to 99 are read as 1969 to 1999, the others as 2000 to 2068", "Write dates as 2024-04-03 to be sure."),
    _warned("dates-out-of-range", "Dates before 1678 or after 2261, like 9999-12-31: read as missing", "Leave the cell empty where there is no date."),
    _warned("mixed-types", "A column of dates with too many cells that are none: read as words", "Correct the cells, or set the column's kind to date under columns in relay.yaml, which reads them as missing."),
    _warned("mixed-numbers", "Decimal commas and decimal points in one column: read as words", "Use one of them, or set file.decimal in relay.yaml."),
    _warned("mixed-units", "Different currencies, or numbers with and without a percent sign, in one column of one file or several: read as words", "Convert them to one unit."),
    _warned("mixed-dates", "Dates written in different ways in one column: those unlike most are read as missing; where they are many, the column is read as words", "Write all dates as 2024-04-03."),
    _refused("wrong-kind", "A column that cannot be read as the kind relay.yaml says", "Correct its kind under columns in relay.yaml."),
)  # fmt: skip

TARGETS = (
    _first("target-assumed", "No target set: taken is the live model's, else a column named target, label, class or y (this alone is not told), else one of a typical name (like survived or churned), else the last column that could be one: no index, identifier, date (nor part of one, like a year or month), text or one-hot column", "Set target in relay.yaml to be sure."),
    _warned("numbers-as-classes", "At most 20 different whole numbers, as 0, 1, 2 or ratings: taken for classes where no task is set"),
    _warned("numbers-as-amounts", "At most 100 different whole numbers, more than 20 of them, or in equal steps above one, or some in fewer than 5 rows: taken for amounts (regression) where no task is set"),
    _warned("class-left-out", "Classes with fewer than 5 rows, together at most 1 % of the rows: these rows are left out", "Add rows of them, merge them with others, or correct them."),
    _warned("class-spelling", "Classes that differ in capitals only: read as one", "Write them alike."),
    _warned("na-class", "NA in the target, as frequent as the other classes, or a class of the live model: read as a class", "Set na_in_target to missing in relay.yaml if it means that there is no answer."),
    _warned("class-absent", "A class too rare to be in every part of the split"),
    _refused("no-target", "The target set in relay.yaml is not a column, or is to be ignored", "Correct target (or ignore) in relay.yaml, or the header of the file."),
    _refused("target-no-values", "A target of lists, structures or bytes", "Set another target in relay.yaml, or write the target as plain values."),
    _refused("target-unclear", "No target set, and no column that could be it", "Set target in relay.yaml."),
    _refused("no-labels", "A target column without any value", "Fill it in, or set another target in relay.yaml."),
    _refused("constant-target", "A target with one value only", "There is nothing to learn: add rows of another class, or set another target."),
    _refused("class-too-small", "A class with fewer rows than can be trained, validated and tested on", "Add rows of it, merge it with another, or remove it (numbers: set task to regression)."),
    _refused("too-many-classes", "More classes than can be told apart", "Set another target, or merge classes."),
    _refused("class-too-long", "A class of more than 200 characters, or classes that are too long all together to be named in reports and mails", "Write a short word for each class, set another target, or look for a quotation mark that is missing."),
    _refused("target-near-unique", "A target whose words are nearly all different", "Set another target in relay.yaml: names and free text cannot be predicted."),
    _refused("target-in-doubt", "A target with decimal commas and decimal points, or numbers in different units", "Write all its numbers in one way."),
    _refused("target-not-numeric", "A regression target with cells that are no number", "Correct the cells, or set task to multiclass."),
    _refused("mixed-classes", "A target that says yes and no in more than one way, like yes and 1", "Write each class in one way in all files."),
    _refused("task-impossible", "A task that the target does not allow", "Set task to auto in relay.yaml, or correct the target."),
    _refused("unknown-positive-class", "A positive class that the target does not hold", "Correct positive_class in relay.yaml."),
    _refused("split-impossible", "A split that the data does not allow", "Correct split in relay.yaml."),
)  # fmt: skip

LIVE = (
    _first("live-schema-lost", "A live model whose schema.json was deleted or changed, so that nothing can be compared with it", "To have the next data checked, restore it from the bucket's earlier versions; a new live model has its own."),
    _warned("live-columns-gone", "Columns that the live model knows and the new data has not"),
    _warned("live-columns-new", "Columns that the live model does not know"),
    _warned("live-kind-changed", "Columns that are of another kind than for the live model"),
    _warned("live-classes-changed", "Classes that are new, or gone, against the live model"),
    _refused("schema-changed", "Another target or task than the live model has", "Upload it as a new dataset, or correct target and task in relay.yaml."),
)  # fmt: skip

TESTS = (
    _warned("test-columns-ignored", "Columns that the live model does not know: ignored"),
    _warned("test-columns-absent", "Columns that the live model was shown and does not use: taken as missing"),
    _warned("test-classes-unknown", "Rows of a class that the live model does not know: in no metric", "It can only be learned by training: upload rows of it to train/."),
    _first("test-rows-trained-on", "Rows that the model was trained on: evaluated all the same, and counted", "On those rows any model is good, so the figures say little about new data: upload rows that it has not seen."),
    _refused("test-columns-missing", "A file that lacks columns the live model uses", "Upload a file with the columns of the training data, the target among them."),
    _refused("test-target-missing", "A file without the target column", "Add the column with the true answers: without it nothing can be measured."),
    _refused("test-target-unreadable", "A target without a single value that the live model could have answered", "Write the answers as in the training data."),
    _refused("test-kind-changed", "A column of numbers, of dates, or of yes and no, that holds nothing of the kind", "Correct the column, or train a new model on data like this."),
    _refused("test-row-refused", "A row that the live endpoint refuses for another reason", "Correct the cell."),
)  # fmt: skip

SCORES = (
    _warned("score-columns-extra", "Columns that the live model does not know: in the result as they are"),
    _warned("score-columns-absent", "Columns that the live model was shown and does not use, and that the file has not"),
    _warned("score-rows-apart", "Totals, a header again, or empty rows: in the result, without an answer"),
    _refused("score-columns-missing", "A file that lacks columns the live model uses", "Upload a file with the columns of the training data; the target may be missing."),
    _refused("score-kind-changed", "A column of numbers, of dates, or of yes and no, that holds nothing of the kind", "Correct the column, or train a new model on data like this."),
    _refused("score-rows-unread", "A file no row of which can be read, for a model that only a batch transform can ask", "Correct its cells."),
    _refused("score-rows-refused", "Many rows that the live model refuses for another reason", "Correct their cells."),
)  # fmt: skip

LABELS = (
    _right("label-columns-named", "The columns `inference_id`, `id` or `event_id`, and `label` or the target's name, in any order beside others"),
    _right("ground-truth", "Model Monitor's ground truth records, a JSON object a line"),
    _counted("no-id", "A label without an id", "Give the inferenceId of the request, or its eventId where it had none."),
    _counted("empty-label", "A label without a value", "Leave such rows out, or fill them in."),
    _counted("unknown-class", "A label that is no class of the live model", "Write the classes as in the training data; a new class is learned by training on it."),
    _counted("not-a-number", "A label that is no number, for a model that predicts numbers", "Correct the cell."),
    _counted("ragged-label", "A row with more or fewer cells than the header has names", "Put cells that contain the delimiter in quotation marks."),
    _counted("broken-line", "A line that should be a JSON object and is cut off or damaged", "Write it again."),
    _counted("foreign-line", "A JSON object that is no ground truth record", "Give eventMetadata.eventId (or inferenceId) and groundTruthData.data."),
    _counted("unknown-id", "A label whose id no captured request has", "Check that inferenceId was given with the request, and that capture was on; what was just asked may still be on its way, and is looked for again at the next check."),
    _counted("duplicate-label", "The same label for the same id once more: counted once"),
    _counted("conflicting-labels", "Different labels for one id: none of them is used", "Take the wrong one out of its file."),
    _counted("ambiguous-id", "A label whose id several requests were given: nobody knows which is meant", "Give every request an inferenceId of its own."),
    _counted("no-answer", "A label of a request that was captured without a readable answer: in no metric"),
    _refused("label-columns", "A label file without a column of ids or of labels", "Name the columns inference_id and label."),
    _refused("label-file-changed", "A label file that changed or vanished after the check was started", "Its new content is read by the next check."),
    _refused("no-usable-labels", "Label files without a single label that can be used", "Correct the files and upload them again."),
)  # fmt: skip

SECTIONS: dict[str, tuple[Code, ...]] = {
    "The file": FILES, "Rows": ROWS, "Columns": COLUMNS, "Cells": CELLS, "The target": TARGETS, "Against the live model": LIVE,
    "A file in test/": TESTS, "A file in score/": SCORES, "A file in labels/": LABELS,
}  # fmt: skip
CODES: dict[str, Code] = {code.code: code for section in SECTIONS.values() for code in section}


def to_markdown() -> str:
    """`docs/input.md`, whole."""
    lines = [
        "# What is read, and what is refused",
        "",
        "Made from `jobs/tables/codes.py` (`python -m jobs.tables.codes > docs/input.md`); a test compares them.",
        "",
        "CSV with any usual delimiter and encoding, gzip-compressed or not, and Parquet; told apart by content, not by name.",
        "A zip archive is always refused, also with a single file in it: one rule is easier to remember than two.",
        "Rows are counted as a spreadsheet shows them: the header is row 1, a cell with line breaks is still one row.",
        "A refused file starts no training; the live model and the file itself stay untouched.",
        "Warnings stand at the end of a mail, but for those that may make all figures worthless: they are its first lines.",
        "The last three sections are about files in `test/`, `score/` and `labels/`; those are read as the ones in `train/` are.",
        "Of a label file, only what cannot be used is left out, and counted; another file's labels still count.",
        "",
        "What is told, in mails and in logs, are names and numbers: of files, columns, rows and of the target's classes,",
        "which every report has to name. What stands in a cell is never told, nor are ids; a sentence shows the *form* of a",
        "cell, letters as `a` or `A` and digits as `9`, and the row to look at. A word of the target that fewer than five rows",
        "hold is shown by its form too, for it may be a person's name and no class.",
    ]
    for title, codes in SECTIONS.items():
        lines += ["", f"## {title}", "", "| Code | What | Outcome | What to do |", "|---|---|---|---|"]
        lines += [f"| `{c.code}` | {c.what} | {_outcome(c)} | {c.do} |".replace("|  |", "| |") for c in codes]
    return "\n".join(lines) + "\n"


def _outcome(code: Code) -> str:
    return f"{code.outcome.value}, on top of the mail" if code.first else code.outcome.value


if __name__ == "__main__":
    print(to_markdown(), end="")
