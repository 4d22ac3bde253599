"""Provide the lists of one half, random numbers and names to all slots."""

from __future__ import annotations

import string
from random import Random
from typing import Optional

from tools.train_text_model.pools import Pools

#: Value and label; the label is None for text that must be kept.
Filled = tuple[str, Optional[str]]


class SlotBase:
    """Base class of the slots: lists, random numbers, and names, which other values use as well.

    Parameters
    ----------
    pools : Pools
        Lists of one half.
    rng : random.Random
        Source of random numbers.
    """

    def __init__(self, pools: Pools, rng: Random):
        self.pools = pools
        self.rng = rng

    def _digits(self, count: int) -> str:
        """Return random digits."""
        return "".join(self.rng.choices(string.digits, k=count))

    def _letters(self, count: int) -> str:
        """Return random capitals."""
        return "".join(self.rng.choices(string.ascii_uppercase, k=count))

    def last(self) -> str:
        """Return a surname: frequent, rare, a word, foreign, coined or double."""
        pick = self.rng.random()
        pools = self.pools
        if pick < 0.28:
            return self.rng.choice(pools.common_last)
        if pick < 0.60:
            return self.rng.choice(pools.last)
        if pick < 0.73:
            return self.rng.choice(pools.word_names)
        if pick < 0.79:
            return self.rng.choice(pools.dictionary).title()
        if pick < 0.89:
            return self.rng.choice(pools.foreign_last)
        if pick < 0.97:
            # a surname that no list holds, made of the halves of two listed ones
            head, tail = self.rng.choice(pools.last), self.rng.choice(pools.last)
            return head[: (len(head) + 1) // 2] + tail[len(tail) // 2 :].lower()
        joined = [self.rng.choice(pools.common_last), self.rng.choice(pools.last)]
        return self.rng.choice("- ").join(joined)

    def first(self) -> str:
        """Return a given name: frequent, rare or foreign."""
        pick = self.rng.random()
        pools = self.pools
        if pick < 0.70:
            return self.rng.choice(
                pools.common_female if self.rng.random() < 0.5 else pools.common_male
            )
        if pick < 0.85:
            return self.rng.choice(pools.first)
        return self.rng.choice(pools.foreign_first)

    def _initial(self) -> str:
        """Return a random capital."""
        return self.rng.choice(string.ascii_uppercase)
