"""Demo chains: believable ones for every vertical, and a real retailer's year.

`content` holds what a chain is made of, as plain data that nobody's business resembles. Everything
else is drawn from a seed, so that two laptops show the same shops on the same day.
"""

from regulars.local.demo.commands import demo

__all__ = ["demo"]
