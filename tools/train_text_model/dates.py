"""Write dates in the formats that occur: full, partial, DICOM, in prose, relative."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tools.train_text_model import spoken
from tools.train_text_model.pools import Split

_FIRST = date(1925, 1, 1)
_DAYS = (date(2027, 1, 1) - _FIRST).days
MONTHS = (
    "January February March April May June July August September October November December"
).split()
HOLIDAYS = (
    "Christmas,Christmas Day,Christmas Eve,New Year's,New Year's Day,New Year's Eve,Thanksgiving,"
    "Easter,Easter Sunday,Labor Day,Memorial Day,the 4th of July,the Fourth of July,Halloween,"
    "Valentine's Day,Mother's Day,Father's Day,Good Friday,Boxing Day,Ash Wednesday,Hanukkah,"
    "Passover,Ramadan,Diwali,Columbus Day,Veterans Day,Presidents Day,Juneteenth,Xmas"
).split(",")
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def any_day(rng: Random, split: Split, recent: bool = True) -> date:
    """Return a random day of a split; the two splits have no day in common."""
    while True:
        offset = rng.randrange(_DAYS - 30 * 366, _DAYS) if recent else rng.randrange(_DAYS - 7000)
        if (offset % 10 < 7) == (split == "train"):
            return _FIRST + timedelta(days=offset)


def _ordinal(day: int) -> str:
    """Return a day with its ordinal ending: ``3rd``."""
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def clock(rng: Random) -> str:
    """Return a random time of day."""
    hour, minute = rng.randrange(24), rng.randrange(60)
    return rng.choice(
        [
            f"{hour:02}:{minute:02}",
            f"{hour:02}{minute:02}",
            f"{hour % 12 or 12}:{minute:02} {rng.choice(['AM', 'PM', 'am', 'p.m.'])}",
            f"{hour:02}:{minute:02}:{rng.randrange(60):02}",
        ]
    )


def full(rng: Random, day: date) -> str:
    """Return a date with day, month and year in a random format."""
    month, abbreviation = MONTHS[day.month - 1], MONTHS[day.month - 1][:3]
    year2 = f"{day.year % 100:02}"
    separator = rng.choice("///--.")
    numeric = rng.choice(
        [
            f"{day.month}{separator}{day.day}{separator}{day.year}",
            f"{day.month:02}{separator}{day.day:02}{separator}{day.year}",
            f"{day.month:02}{separator}{day.day:02}{separator}{year2}",
            f"{day.month}{separator}{day.day}{separator}{year2}",
            f"{day.day:02}{separator}{day.month:02}{separator}{day.year}",
            f"{day.day}.{day.month}.{day.year}",
            f"{day.year}-{day.month:02}-{day.day:02}",
            f"{day.year}/{day.month:02}/{day.day:02}",
        ]
    )
    worded = rng.choice(
        [
            f"{month} {day.day}, {day.year}",
            f"{month} {_ordinal(day.day)}, {day.year}",
            f"{month} {day.day} {day.year}",
            f"{abbreviation} {day.day}, {day.year}",
            f"{abbreviation}. {day.day}, {day.year}",
            f"{day.day} {month} {day.year}",
            f"{day.day} {abbreviation} {day.year}",
            f"{day.day:02}-{abbreviation}-{day.year}",
            f"{day.day:02}-{abbreviation}-{year2}",
            f"{day.day:02}{abbreviation.upper()}{day.year}",
            f"{day.day:02}{abbreviation.upper()}{year2}",
            f"the {_ordinal(day.day)} of {month} {day.year}",
            f"{_WEEKDAYS[day.weekday()]}, {month} {day.day}, {day.year}",
            f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {abbreviation} {day.year}",
            f"{abbreviation} {day.day} {day.year}",
            f"{month} the {_ordinal(day.day)}, {day.year}",
        ]
    )
    return rng.choice([numeric, numeric, worded])


_ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split()
_OTHER_MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
)


def varied(rng: Random, day: date) -> str:
    """Return a date with its year in a form that is less frequent than those of `full`."""
    month, number = MONTHS[day.month - 1], _ordinal(day.day)
    short = "Sept" if day.month == 9 else month[:3]
    year2, roman = f"{day.year % 100:02}", _ROMAN[day.month - 1]
    week = day.isocalendar()
    gap = rng.choice([" | ", " ", " / ", " - ", " . ", "|", "\\", "·"])
    other = rng.choice(_OTHER_MONTHS).split()[day.month - 1]
    return rng.choice(
        [
            f"{number} {month}, {day.year}",
            f"{number} {month} {day.year}",
            f"{day.day} {month}, {day.year}",
            f"{number} of {short} {day.year}",
            f"{short} {number} {day.year}",
            f"{short} {number}/{year2}",
            f"{number} {short} '{year2}",
            f"{day.day} {short}. '{year2}",
            f"{number} {short}, {year2}",
            f"{day.month:02}{gap}{day.day:02}{gap}{day.year}",
            f"{day.day:02}{gap}{day.month:02}{gap}{day.year}",
            f"{day.day:02}{gap}{day.month:02}{gap}{year2}",
            f"{day.day}/{day.month}/{year2}",
            f"{day.day}-{day.month}-{year2}",
            f"{day.day:02}.{day.month:02}.{year2}",
            f"{day.day}.{roman}.{year2}",
            f"{day.day}-{roman.upper()}-{day.year}",
            f"{day.day}/{roman}/{year2}",
            f"{day.year}w{week[1]:02}",
            f"{day.year}-W{week[1]:02}-{week[2]}",
            f"{day.year} {short} {day.day}",
            f"{day.year}/{short}/{day.day:02}",
            f"{day.year}-{short.upper()}-{day.day:02}",
            f"{day.year}.{day.month}.{day.day}",
            f"{year2}/{day.month:02}/{day.day:02}",
            f"{day.day:02}{day.month:02}{year2}",
            f"{day.day} {other} {day.year}",
            f"{day.day} de {other} de {day.year}",
            f"{day.day}. {other} {day.year}",
            f"{spoken.ordinal(day.day).replace(' ', '-')} day of {month} {day.year}",
            f"the {spoken.ordinal(day.day)} day of {month}, {day.year}",
            f"{spoken.ordinal(day.day).capitalize()} {month} {day.year}",
            f"{_WEEKDAYS[day.weekday()]} {number} {month} {day.year}",
            f"{_WEEKDAYS[day.weekday()][:3]} {day.day:02}/{day.month:02}/{year2}",
            f"{day.day}{short.lower()}{year2}",
            f"{short.upper()}-{day.day:02}-{year2}",
            f"{short}-{year2}",
            f"{short} {day.year}",
            f"{month}, {day.year}",
            f"{day.month:02}/{day.year}",
            f"{day.year}-{day.month:02}",
        ]
    )


def short(rng: Random, day: date) -> str:
    """Return the day of a date, most often with its month, and without the year."""
    month, number = MONTHS[day.month - 1], _ordinal(day.day)
    name = "Sept" if day.month == 9 else month[:3]
    weekday_name = _WEEKDAYS[day.weekday()]
    return rng.choice(
        [
            f"{day.day}/{day.month}",
            f"{day.day}/{day.month}",
            f"{day.month}/{day.day}",
            f"{day.day:02}/{day.month:02}",
            f"{day.day}.{day.month}.",
            f"{day.day}.{day.month}",
            f"{day.day:02}.{day.month:02}",
            f"{day.day}-{day.month}",
            f"{day.day}/{_ROMAN[day.month - 1]}",
            f"{day.day} {name}",
            f"{number} {name}",
            f"{name} {number}",
            f"{number} {month}",
            f"{number} of {month}",
            f"{day.day}-{name}",
            f"{day.day}{name.lower()}",
            f"{weekday_name[:3]} {day.day}/{day.month}",
            f"{weekday_name[:3]} {number}",
            f"{weekday_name} {number} {month}",
            f"{weekday_name} {day.day} {name}",
            f"{weekday_name[:3]} {name} {day.day}",
            f"the {number}",
            f"{month} {day.day}",
            f"{day.day} {month}",
        ]
    )


def partial(rng: Random, day: date) -> str:
    """Return the month of a date with its day or its year."""
    month, abbreviation = MONTHS[day.month - 1], MONTHS[day.month - 1][:3]
    return rng.choice(
        [
            f"{month} {day.day}",
            f"{month} {_ordinal(day.day)}",
            f"{abbreviation} {day.day}",
            f"{day.day} {month}",
            f"{day.day} {abbreviation}",
            f"{day.month}/{day.day}",
            f"{day.month:02}/{day.day:02}",
            f"{month} {day.year}",
            f"{abbreviation} {day.year}",
            f"{month} of {day.year}",
            f"{day.month}/{day.year}",
            f"{day.month:02}/{day.year}",
            f"{day.year}-{day.month:02}",
            f"{month}, {day.year}",
            f"the {_ordinal(day.day)} of {month}",
            f"{_WEEKDAYS[day.weekday()]} {month} {_ordinal(day.day)}",
            f"{abbreviation}-{day.year % 100:02}",
            f"early {month} {day.year}",
            f"{_WEEKDAYS[day.weekday()]}, {abbreviation} {day.day}",
        ]
    )


def month_and_day(rng: Random, day: date) -> str:
    """Return month and day as numbers, as in shorthand."""
    separator = rng.choice("////-")
    return rng.choice(
        [f"{day.month}{separator}{day.day}", f"{day.month:02}{separator}{day.day:02}"]
    )


def month_alone(rng: Random) -> str:
    """Return a random month without day and year."""
    month = rng.choice(MONTHS)
    return rng.choice([month, month, month[:3], f"mid-{month}", f"early {month}", f"late {month}"])


def weekday(rng: Random) -> str:
    """Return a random weekday, which alone is not a date of the calendar."""
    name = rng.choice(_WEEKDAYS)
    return rng.choice([name, name, name[:3]])


def holiday(rng: Random) -> str:
    """Return a random holiday, which is a day of the calendar."""
    return rng.choice(HOLIDAYS)


def in_prose(rng: Random, day: date) -> str:
    """Return a date as in prose: its number, weekday, a holiday or a part of the month."""
    month, name = MONTHS[day.month - 1], _WEEKDAYS[day.weekday()]
    short, number = month[:3], _ordinal(day.day)
    separator = rng.choice("/-")
    feast = rng.choice(HOLIDAYS)
    return rng.choice(
        [
            f"the {number}",
            f"the {number} of {short}",
            f"{name} the {number}",
            f"{name} {day.month}/{day.day}",
            f"{name[:3]} {day.month}{separator}{day.day}",
            f"{name} {month} {day.day}",
            f"{name}, {short} {number}",
            f"{day.month}{separator}{day.day}",
            f"{short} {day.day}",
            f"{month} {number}",
            f"{day.day} {short}",
            f"{number} {short}",
            f"mid-{month}",
            f"late {month}",
            f"end of {month}",
            f"the first week of {month}",
            f"the {_ordinal(rng.randrange(1, 5))} week of {month}",
            f"the second {name} of {month}",
            f"{month} {day.day}-{min(day.day + 3, 31)}",
            f"Q{rng.randrange(1, 5)} {day.year}",
            f"{short} '{day.year % 100:02}",
            f"{month[:3].lower()} {day.year % 100:02}",
            feast,
            f"the day after {feast}",
            f"the {name} before {feast}",
            f"{feast} {day.year}",
        ]
    )


def dicom(rng: Random, day: date) -> str:
    """Return a date as a DA or DT value, or in a compact format of devices."""
    compact = f"{day.year}{day.month:02}{day.day:02}"
    clock = f"{rng.randrange(24):02}{rng.randrange(60):02}{rng.randrange(60):02}"
    return rng.choice(
        [
            compact,
            compact,
            compact + clock,
            f"{day.year}.{day.month:02}.{day.day:02}",
            f"{day.month:02}{day.day:02}{day.year}",
            f"{compact}{clock}.000000",
        ]
    )


def stamp(rng: Random, day: date) -> str:
    """Return a date with a time of day."""
    return full(rng, day) + rng.choice([" ", " ", " at ", ", ", "T", " @ "]) + clock(rng)


def relative(rng: Random) -> str:
    """Return a time that is not a date: a duration, a relative time, a weekday, a time of day."""
    number = rng.choice(
        [
            "two",
            "three",
            "four",
            "six",
            "ten",
            "several",
            "a few",
            "2",
            "3",
            "5",
            "7",
            "10",
            "14",
            "30",
        ]
    )
    unit = rng.choice(["days", "weeks", "months", "years", "hours"])
    return rng.choice(
        [
            f"{number} {unit} ago",
            f"for {number} {unit}",
            f"in {number} {unit}",
            "last month",
            "last week",
            "yesterday",
            "today",
            "this morning",
            "last night",
            "tomorrow",
            "next week",
            "a year ago",
            "last summer",
            "this winter",
            "since childhood",
            "on Monday",
            "every Thursday",
            "last Friday",
            "over the weekend",
            "at noon",
            f"at {clock(rng)}",
            f"post-op day {rng.randrange(1, 15)}",
            f"POD {rng.randrange(1, 9)}",
            "the past year",
            f"x {number} {unit}",
            f"q{rng.choice([4, 6, 8, 12])}h",
            "previously",
            "next spring",
            "in the morning",
            "the day after",
            f"{rng.randrange(2, 12)}/12 months",
            "24/7",
            f"{rng.randrange(6, 41)} weeks gestation",
            "the 1990s",
            "the early 80s",
            "in his 60s",
            "the third trimester",
            "interval",
            "recent",
            "prior",
        ]
    )
