"""The watch's statistics: what the training data looked like, what the traffic looks like, and whether they differ.

`reference` describes training data as counts, `counts` adds up traffic on the same bins, `certainty` says how surely
two counts differ, `measures` how much, `findings` puts both into a verdict and words. All of it is pure: it reads no
file and no clock. Counts are integers, minima and maxima, so that any partition and order of the traffic gives the
same result to the last bit.
"""
