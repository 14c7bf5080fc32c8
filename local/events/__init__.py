"""EventBridge: from something that happened to the functions whose rules want it, at least once.

envelopes.py   what the cloud itself writes    put_events.py  what a client puts
bus.py         envelope -> deliveries, retries, dead letters
delivery.py    one of them, as plain data      faults.py      what may go wrong on the way, on request
"""
