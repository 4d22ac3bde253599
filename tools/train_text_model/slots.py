"""The slots of the templates: each yields a surface value and its label, or none.

Labels are the entities of :mod:`nlp_pipelines.model_labels`; a slot without a label is a hard
negative or ordinary text.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tools.train_text_model import coined, dates, spoken
from tools.train_text_model.pools import Pools
from tools.train_text_model.slot_base import Filled
from tools.train_text_model.slot_identifiers import IdentifierSlots
from tools.train_text_model.slot_look_alikes import LookAlikeSlots
from tools.train_text_model.slot_people import PeopleSlots
from tools.train_text_model.slot_venues import VenueSlots

#: Share of drugs, eponyms, trials, genes and devices that is coined.
_COINED = 0.35


class Slots(PeopleSlots, IdentifierSlots, VenueSlots, LookAlikeSlots):
    """All slots; a method ``fill_x`` fills ``{x}``, a list of ``words/`` its own name."""

    def __init__(self, pools: Pools, rng: Random):
        super().__init__(pools, rng)
        self._fillers: dict[str, Callable[[], Filled]] = {
            name[5:]: getattr(self, name) for name in dir(self) if name.startswith("fill_")
        }

    def fill(self, slot: str) -> Filled:
        """Surface value and label of a slot.

        Raises
        ------
        KeyError
            If there is no such slot.
        """
        if slot in self.pools.plain:
            if slot in coined.COINERS and self.rng.random() < _COINED:
                return coined.COINERS[slot](self), None
            return self.rng.choice(self.pools.plain[slot]), None
        return self._fillers[slot]()

    def fill_date(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split)
        form = self.rng.choice([dates.full, dates.full, dates.full, dates.partial])
        return form(self.rng, day), "DATE"

    def fill_fulldate(self) -> Filled:
        return dates.full(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_partdate(self) -> Filled:
        return dates.partial(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_dob(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split, recent=False)
        form = self.rng.choice([dates.full, dates.full, dates.full, dates.dicom])
        return form(self.rng, day)[:10] if form is dates.dicom else form(self.rng, day), "DATE"

    def fill_da(self) -> Filled:
        return dates.dicom(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_da8(self) -> Filled:
        return f"{dates.any_day(self.rng, self.pools.split):%Y%m%d}", "DATE"

    def fill_stamp(self) -> Filled:
        return dates.stamp(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_year(self) -> Filled:
        return str(self.rng.randrange(1950, 2027)), None

    def fill_md(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split)
        return dates.month_and_day(self.rng, day), "DATE"

    def fill_monthword(self) -> Filled:
        return dates.month_alone(self.rng), "DATE"

    def fill_holiday(self) -> Filled:
        return dates.holiday(self.rng), "DATE"

    def fill_weekday(self) -> Filled:
        return dates.weekday(self.rng), None

    def fill_clock(self) -> Filled:
        return dates.clock(self.rng), None

    def fill_rel(self) -> Filled:
        return dates.relative(self.rng), None

    def fill_proseday(self) -> Filled:
        return dates.in_prose(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_spokendate(self) -> Filled:
        return spoken.day(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def fill_spokenclock(self) -> Filled:
        return spoken.number(self.rng.choice([10, 15, 20, 30, 40, 45, 50, 55])), None

    def fill_age90w(self) -> Filled:
        joiner = self.rng.choice("- ")
        return spoken.number(self.rng.randrange(90, 106), joiner), "AGE"

    def fill_agew(self) -> Filled:
        return spoken.number(self.rng.randrange(2, 90), self.rng.choice("- ")), None

    def fill_age90(self) -> Filled:
        return str(self.rng.randrange(90, 108)), "AGE"

    def fill_age(self) -> Filled:
        return str(self.rng.randrange(1, 90)), None
