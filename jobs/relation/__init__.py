"""Whether the same inputs still have the same outcomes: labelled rows, one check after the other, against what the
model promised of them.

A test that is valid at every look (Ville's inequality): evidence is the wealth of bets against "nothing has changed",
and where it reaches 1 / ALPHA the relation is called changed. It may be looked at after every check, for ever.

    residuals.py  a regression's held-out residuals      promises.py   answers.json -> what is promised of a row
    bets.py       what may have changed, as bets         evidence.py   observations in blocks -> the wealth of the bets
    counted.py    which rows have counted before         alike.py      rows that repeat another, counted once
    state.py      relation.json and back                 following.py  labelled rows of a check -> the next state
    words.py      what has changed, to a person          document.py   the "relation" of quality.json
"""
