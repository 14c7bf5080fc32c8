"""Lambda: the handlers of the Chalice app in warm processes, one event at a time each.

pool.py     an event -> a process that runs it      process.py  one of them, seen from outside
host.py     one of them, from inside                logs.py     what it prints, as Lambda keeps it
"""
