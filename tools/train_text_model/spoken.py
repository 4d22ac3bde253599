"""Write numbers and dates in words, as in dictation."""

from __future__ import annotations

from datetime import date
from random import Random

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}
_MONTHS = (
    "january february march april may june july august september october november december"
).split()


def number(value: int, joiner: str = " ") -> str:
    """Return a number below 200 in words: ``ninety-six``, ``one hundred four``."""
    if value >= 100:
        rest = f" {number(value - 100, joiner)}" if value > 100 else ""
        return f"one hundred{rest}"
    if value < 20:
        return _ONES[value]
    tens, ones = _TENS[value // 10 - 2], value % 10
    return f"{tens}{joiner}{_ONES[ones]}" if ones else tens


def ordinal(value: int) -> str:
    """Return an ordinal number in words: ``twenty third``, ``sixth``."""
    *head, last = number(value).split()
    return " ".join([*head, _ORDINALS.get(last, f"{last}th")])


def digits(rng: Random, count: int) -> str:
    """Return random digits in words: ``four four oh one``, ``double two nine``.

    Parameters
    ----------
    rng : random.Random
        Source of random numbers.
    count : int
        Number of digits.
    """
    zero = rng.choice(["zero", "oh", "o"])
    spoken: list[str] = []
    for value in rng.choices(range(10), k=count):
        word = _ONES[value] if value else zero
        if spoken and spoken[-1] == word and rng.random() < 0.5:
            spoken[-1:] = ["double", word]
        else:
            spoken.append(word)
    return " ".join(spoken)


def _year(year: int) -> str:
    """Return a year in words: ``nineteen eighty``."""
    if 2000 <= year < 2010:
        return "two thousand" + (f" {number(year - 2000)}" if year > 2000 else "")
    century, low = number(year // 100), year % 100
    if low == 0:
        return f"{century} hundred"
    return f"{century} {'o ' if low < 10 else ''}{number(low)}"


def day(rng: Random, when: date) -> str:
    """Return a date in words, with or without its year."""
    month, name = _MONTHS[when.month - 1], ordinal(when.day)
    year = _year(when.year)
    return rng.choice(
        [
            f"{month} {name} {year}",
            f"{month} {number(when.day)} {year}",
            f"{month} {name}",
            f"{month} {when.day}",
            f"the {name} of {month}",
            f"{month} {year}",
            f"{month} of {year}",
            f"{month} {when.year}",
            f"{number(when.month)} {number(when.day)} {year}",
            f"{number(when.month)} slash {number(when.day)} slash {number(when.year % 100)}",
            f"{number(when.month)} {number(when.day)}",
        ]
    )
