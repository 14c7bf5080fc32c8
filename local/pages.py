"""Pages of the bucket for a browser of this machine: the console, and the reports that it leads to.

S3 answers nobody who does not sign, and a browser signs nothing; on AWS its owner fetches the pages (`ops console`).
Here they lie at `/-/<key>`, where no bucket can be, since `-` is no bucket's name. Only pages and the console's data:
what else is in the bucket is asked for as on AWS. Whose page asks is looked at where every request is (`callers.py`).
"""

import re
from collections.abc import Callable
from urllib.parse import quote

from local.wire.http_server import Answer, Request

PLACE = "/-/"
CONSOLE = f"{PLACE}console/index.html"
_SHOWN = re.compile(r"console/(?:index\.html|data\.js)|(?:runs|monitoring)/[^?#]+/report\.html")
_KEPT = {"content-type", "etag", "last-modified"}
_ALWAYS = (("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))


def asked_for(request: Request) -> str | None:
    """The key of the page that a request is for; None where it is for none. Empty: one that is not shown."""
    if request.method not in {"GET", "HEAD"} or not request.path.startswith(PLACE):
        return None
    key = request.path.removeprefix(PLACE)
    return key if _SHOWN.fullmatch(key) and ".." not in key else ""


def shown(key: str, fetch: Callable[[str], Answer]) -> Answer:
    """The page of a key, as `asked_for` gives it; a sentence where there is none. `fetch` has S3's answer."""
    answer = fetch(quote(key)) if key else None
    if answer is None or not answer.succeeded:
        sentence = f"There is no such page here (yet). The console is at {CONSOLE}; the sweep writes it.\n"
        return Answer(404, (("Content-Type", "text/plain; charset=utf-8"), *_ALWAYS), sentence.encode())
    kept = tuple((name, value) for name, value in answer.headers if name.lower() in _KEPT)
    return Answer(200, (*kept, *_ALWAYS), answer.body)
