"""The console: one static page that says how every dataset stands, and its data, as files of the bucket. Pure.

    health.py    one word for a dataset, why, and the command that does something about it
    runs.py      what the page shows of a run
    datasets.py  what it shows of a dataset
    costs.py     what it shows of the month so far
    document.py  all of it: the sentence on top, what is kept of earlier writings, and the script file that it becomes
    page.html    the page

The sweep alone writes it (`chalicelib.runtime.console`), and only when something of it has changed. The page only
shows: nothing on it can change the cloud, and whatever an owner may do from there is a command line to copy. It must
not say what a mail would not: names, numbers and sentences of mails, no cell of anybody's data (docs/security.md).

Imported by the sweep alone.
"""

PAGE, DATA = "console/index.html", "console/data.js"
"""Their keys. The data is a script, because a page that was opened from a file may load no other form of it."""
