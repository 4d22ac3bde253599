"""Fill slots with names and titles of patients, clinicians and relatives."""

from __future__ import annotations

from tools.train_text_model.slots.base import Filled, SlotBase

_TITLES = (
    "MD MD MD M.D. DO RN RN NP PA-C PhD LPN LVN CNA LCSW LMSW MSW LMFT PsyD RT(R) RDMS RVT CRNA "
    "PharmD RD CNM DPT OTR SLP APRN ARNP FNP-C BSN CCRN DDS DPM FACS FACC FRCS FRCR MRCP MBBS"
).split()


class PeopleSlots(SlotBase):
    """Slots of people."""

    def _fill_name(self) -> Filled:
        first, last = self.first(), self.last()
        middle = self.rng.choice(
            ["", "", "", f" {self._initial()}.", f" {self._initial()}", f" {self.first()}"]
        )
        forms = [f"{first}{middle} {last}"] * 6 + [
            f"{last}, {first}{middle}",
            f"{first[0]}. {last}",
            f"{last} {first}",
        ]
        return self.rng.choice(forms), "NAME"

    def _fill_fullname(self) -> Filled:
        return f"{self.first()} {self.last()}", "NAME"

    def _fill_lastfirst(self) -> Filled:
        middle = self.rng.choice(["", f" {self._initial()}", f" {self._initial()}.", ""])
        comma = self.rng.choice([", ", ", ", ",", " "])
        return f"{self.last()}{comma}{self.first()}{middle}", "NAME"

    def _fill_first(self) -> Filled:
        return self.first(), "NAME"

    def _fill_last(self) -> Filled:
        return self.last(), "NAME"

    def _fill_initials(self) -> Filled:
        one, two, three = self._initial(), self._initial(), self._initial()
        return self.rng.choice(
            [f"{one}.{two}.", f"{one}{two}", f"{one}.{two}.{three}.", f"{one}{two}{three}"]
        ), "NAME"

    def _fill_pn(self) -> Filled:
        separator = self.rng.choice(["^", "^", "^", "_", "="])
        parts = [self.last(), self.first()]
        if self.rng.random() < 0.4:
            parts.append(self.rng.choice([self._initial(), self.first()]))
        if separator == "^" and self.rng.random() < 0.15:
            parts += ["", self.rng.choice(["Dr", "MR", "MRS", "JR", "MD"])]
        return separator.join(parts), "NAME"

    def _fill_cred(self) -> Filled:
        return self.rng.choice(_TITLES), None

    def _fill_username(self) -> Filled:
        first, last = self.first().lower(), self.last().lower().replace(" ", "")
        return self.rng.choice(
            [
                f"{first[0]}{last}",
                f"{last}{first[0]}",
                f"{first}.{last}",
                f"{last}{self._digits(2)}",
            ]
        ), "NAME"

    def _fill_clinician(self) -> Filled:
        return self.rng.choice(
            [self.last(), f"{self.first()} {self.last()}", f"{self._initial()}. {self.last()}"]
        ), "NAME"

    def _fill_lasti(self) -> Filled:
        return f"{self.last()} {self._initial()}{self.rng.choice(['', '.'])}", "NAME"

    def _fill_firstinit(self) -> Filled:
        rng = self.rng
        return rng.choice(
            [
                f"{self.first()} {self._initial()}.",
                f"{self.first()} {self._initial()}",
                f"{self._initial()}. {self.last()}",
                f"{self._initial()} {self.last()}",
            ]
        ), "NAME"

    def _fill_wordname(self) -> Filled:
        return self.rng.choice(self.pools.word_names), "NAME"

    def _fill_foreign(self) -> Filled:
        rng, pools = self.rng, self.pools
        first, second = rng.choice(pools.foreign_first), rng.choice(pools.foreign_first)
        last, other = self._foreign_last(), self._foreign_last()
        return rng.choice(
            [
                f"{first} {last}",
                f"{first} {last}",
                f"{last} {first}",
                f"{first} {second} {last}",
                f"{last} {first} {second}",
                f"{first} {last} {other}",
                f"{first} {last}-{other}",
                f"{first} de {last}",
                f"{first} bin {second}",
                f"{first} van {last}",
                f"{first} al-{last}",
                f"{last}, {first} {second}",
            ]
        ), "NAME"

    def _foreign_last(self) -> str:
        """Return a surname, in most cases a foreign one."""
        return self.rng.choice(self.pools.foreign_last) if self.rng.random() < 0.6 else self.last()

    def _fill_nick(self) -> Filled:
        rng = self.rng
        word = rng.choice(self.pools.dictionary).title()
        return rng.choice(
            [word, f"Big {self.first()}", f"{self.first()}y", f"{word} {self.first()}"]
        ), "NAME"
