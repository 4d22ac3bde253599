"""Fill a share of the slots of older templates with values of the whole world."""

from __future__ import annotations

from tools.train_text_model.slots.base import Filled
from tools.train_text_model.slots.world import WorldSlots

#: Slot → slot of the whole world that replaces it, and the share of the cases.
_BROADER: dict[str, tuple[str, float]] = {
    "name": ("worldname", 0.35),
    "fullname": ("worldname", 0.2),
    "first": ("worldfirst", 0.35),
    "last": ("worldlast", 0.35),
    "clinician": ("worldname", 0.3),
    "initials": ("signature", 0.3),
    "street": ("worldstreet", 0.25),
    "city": ("town", 0.25),
    "hospital": ("worldhospital", 0.3),
    "facility": ("worldhospital", 0.25),
    "phone": ("worldphone", 0.4),
    "pager": ("bleep", 0.4),
    "email": ("worldemail", 0.4),
    "mrn": ("anyid", 0.4),
    "acc": ("anyid", 0.4),
    "account": ("anyid", 0.4),
    "plan": ("anyid", 0.4),
    "serial": ("anyid", 0.3),
    "license": ("anyid", 0.3),
    "fulldate": ("anydate", 0.25),
    "date": ("anydate", 0.2),
    "dob": ("anydob", 0.25),
    "md": ("shortdate", 0.25),
    "proseday": ("shortdate", 0.2),
    "job": ("professions", 0.4),
    "signs": ("grades", 0.25),
    "supplies": ("brands", 0.35),
    "trials": ("guidelines", 0.25),
    "meas": ("lookalike", 0.25),
    "code": ("lookalike", 0.25),
}


class TrainingSlots(WorldSlots):
    """Slots of the training set, whose values are broader than those of the test set."""

    def fill(self, slot: str) -> Filled:
        """Return a value and its label for a slot.

        Raises
        ------
        KeyError
            If the slot does not exist.
        """
        broader, share = _BROADER.get(slot, (slot, 0.0))
        return super().fill(broader if self.rng.random() < share else slot)
