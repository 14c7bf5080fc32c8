"""The drill: traffic of a known kind through the live endpoint, and proof that the monitor says what is true of it.

A fire drill for alerts. Real requests, real capture files, the real check and the real mails; only the rows are made
up, and they carry the custom attribute `sagerelay=drill-<id>`, so that the monitor keeps them apart from real traffic
and from its own state.

    scenarios.py  held-out rows -> rows of a known kind, and what must be found (pure)
    silent.py     the traffic of them that is no news: rows that come again, a few hours only (pure)
    traffic.py    rows -> requests to the endpoint; how many of them data capture holds
    mails.py      a temporary queue on the alerts' topic: which mails a subscriber gets
    verdict.py    what was found and mailed, against what must be (pure)
    rehearsal.py  all scenarios, one after the other
    results.py    the outcome as a table or as JSON (pure)
"""
