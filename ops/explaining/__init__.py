"""Why a live model answers the rows of a file as it does: the endpoint is asked, and says it itself.

rows.py      a file's rows, and requests of some of them
asking.py    the endpoint: which, and what it answers
predicting.py  a file's rows with the answers beside them
telling.py   the strongest columns of each row, for a terminal and for programs
commands.py  the command line
"""
