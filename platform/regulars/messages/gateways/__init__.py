"""Ways out and in: one small adapter per provider behind one contract; none decides what is sent.

`contract` says what an adapter takes, gives and raises; `catalog` lists the providers and opens
one with a chain's credentials; `faults` has the sentence of each code.
"""
