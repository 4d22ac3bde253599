"""Fill the slots of the templates with values and labels.

Labels are the entities of :mod:`nlp_pipelines.model_labels`. A value without a label is a hard
negative or ordinary text.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tools.train_text_model import coined, dates, spoken
from tools.train_text_model.pools import Pools
from tools.train_text_model.slots.base import Filled
from tools.train_text_model.slots.identifiers import IdentifierSlots
from tools.train_text_model.slots.look_alikes import LookAlikeSlots
from tools.train_text_model.slots.people import PeopleSlots
from tools.train_text_model.slots.venues import VenueSlots

#: Prefix of the methods that fill a slot.
_PREFIX = "_fill_"
#: Share of coined names among drugs, eponyms, trials, genes and devices.
_COINED_SHARE = 0.35


class Slots(PeopleSlots, IdentifierSlots, VenueSlots, LookAlikeSlots):
    """All slots: ``{x}`` is filled by the method ``_fill_x`` or from the list ``words/x.txt``."""

    def __init__(self, pools: Pools, rng: Random):
        super().__init__(pools, rng)
        self._fillers: dict[str, Callable[[], Filled]] = {
            name.removeprefix(_PREFIX): getattr(self, name)
            for name in dir(self)
            if name.startswith(_PREFIX)
        }

    def fill(self, slot: str) -> Filled:
        """Return a value and its label for a slot.

        Raises
        ------
        KeyError
            If the slot does not exist.
        """
        if slot in self.pools.plain:
            if slot in coined.COINERS and self.rng.random() < _COINED_SHARE:
                return coined.COINERS[slot](self), None
            return self.rng.choice(self.pools.plain[slot]), None
        return self._fillers[slot]()

    def _fill_date(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split)
        form = self.rng.choice([dates.full, dates.full, dates.full, dates.partial])
        return form(self.rng, day), "DATE"

    def _fill_fulldate(self) -> Filled:
        return dates.full(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_partdate(self) -> Filled:
        return dates.partial(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_dob(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split, recent=False)
        form = self.rng.choice([dates.full, dates.full, dates.full, dates.dicom])
        return form(self.rng, day)[:10] if form is dates.dicom else form(self.rng, day), "DATE"

    def _fill_da(self) -> Filled:
        return dates.dicom(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_da8(self) -> Filled:
        return f"{dates.any_day(self.rng, self.pools.split):%Y%m%d}", "DATE"

    def _fill_stamp(self) -> Filled:
        return dates.stamp(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_year(self) -> Filled:
        return str(self.rng.randrange(1950, 2027)), None

    def _fill_md(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split)
        return dates.month_and_day(self.rng, day), "DATE"

    def _fill_monthword(self) -> Filled:
        return dates.month_alone(self.rng), "DATE"

    def _fill_holiday(self) -> Filled:
        return dates.holiday(self.rng), "DATE"

    def _fill_weekday(self) -> Filled:
        return dates.weekday(self.rng), None

    def _fill_clock(self) -> Filled:
        return dates.clock(self.rng), None

    def _fill_rel(self) -> Filled:
        return dates.relative(self.rng), None

    def _fill_proseday(self) -> Filled:
        return dates.in_prose(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_spokendate(self) -> Filled:
        return spoken.day(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_spokenclock(self) -> Filled:
        return spoken.number(self.rng.choice([10, 15, 20, 30, 40, 45, 50, 55])), None

    def _fill_age90w(self) -> Filled:
        joiner = self.rng.choice("- ")
        return spoken.number(self.rng.randrange(90, 106), joiner), "AGE"

    def _fill_agew(self) -> Filled:
        return spoken.number(self.rng.randrange(2, 90), self.rng.choice("- ")), None

    def _fill_age90(self) -> Filled:
        return str(self.rng.randrange(90, 108)), "AGE"

    def _fill_age(self) -> Filled:
        return str(self.rng.randrange(1, 90)), None
