"""Fill slots with identifiers of persons, visits and devices."""

from __future__ import annotations

from tools.train_text_model.slots.base import Filled, SlotBase


class IdentifierSlots(SlotBase):
    """Slots of identifiers."""

    def _fill_mrn(self) -> Filled:
        rng = self.rng
        form = rng.choice(
            [
                self._digits(rng.randrange(6, 11)),
                self._digits(7),
                self._digits(8),
                f"{self._digits(3)}-{self._digits(2)}-{self._digits(2)}",
                f"{self._letters(1)}{self._digits(rng.randrange(6, 9))}",
                f"0{self._digits(7)}",
                f"{self._letters(2)}{self._digits(6)}",
                f"{self._digits(6)}-{self._digits(1)}",
                f"{self._digits(2)}-{self._digits(5)}",
                f"{self._letters(3)}-{self._digits(5)}",
                f"{self._digits(3)} {self._digits(3)} {self._digits(3)}",
            ]
        )
        return form, "ID"

    def _fill_acc(self) -> Filled:
        rng = self.rng
        form = rng.choice(
            [
                f"{self._letters(1)}{self._digits(8)}",
                self._digits(rng.randrange(7, 13)),
                f"{rng.choice(['CT', 'MR', 'US', 'XR', 'NM', 'MG', 'S', 'R', 'ACC', 'A'])}"
                f"{rng.choice(['', '-', '-'])}{rng.randrange(10, 27)}"
                f"{rng.choice(['', '-', '-'])}{self._digits(rng.randrange(4, 8))}",
                f"{self._letters(2)}{self._digits(10)}",
                f"{self._digits(4)}-{self._digits(6)}",
                f"{rng.randrange(2001, 2027)}{self._letters(2)}{self._digits(6)}",
            ]
        )
        return form, "ID"

    def _fill_shortid(self) -> Filled:
        return self.rng.choice(
            [
                self._digits(4),
                self._digits(5),
                f"{self._initial()}{self._digits(4)}",
                f"{self._digits(3)}-{self._digits(3)}",
                f"{self._letters(2)}{self._digits(4)}",
                f"{self._digits(2)}-{self._digits(4)}",
            ]
        ), "ID"

    def _fill_ssn(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._digits(3)}-{self._digits(2)}-{self._digits(4)}",
                f"{self._digits(3)} {self._digits(2)} {self._digits(4)}",
                self._digits(9),
                f"XXX-XX-{self._digits(4)}",
                f"***-**-{self._digits(4)}",
            ]
        ), "ID"

    def _fill_account(self) -> Filled:
        return self.rng.choice(
            [
                self._digits(10),
                self._digits(12),
                f"{self._letters(2)}{self._digits(9)}",
                f"V{self._digits(11)}",
                f"{self._digits(4)}-{self._digits(4)}-{self._digits(4)}",
            ]
        ), "ID"

    def _fill_serial(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._letters(2)}{self._digits(7)}",
                f"{self._letters(3)}{self._digits(6)}{self._initial()}",
                self._digits(6),
                f"{self._letters(1)}{self._digits(2)}-{self._digits(5)}",
                f"{self._digits(5)}{self._letters(2)}{self._digits(2)}",
            ]
        ), "ID"

    def _fill_license(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._initial()}{self._digits(7)}",
                f"{self._letters(2)}{self._digits(6)}",
                self._digits(9),
                f"{self._letters(3)} {self._digits(4)}",
                f"{self._letters(1)}{self._digits(3)}-{self._digits(4)}-{self._digits(4)}",
            ]
        ), "ID"

    def _fill_plan(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._letters(3)}{self._digits(9)}",
                f"{self._digits(9)}{self._initial()}",
                f"{self._digits(4)}-{self._letters(2)}-{self._digits(4)}",
                self._digits(11),
                f"{self._initial()}{self._letters(1)}{self._digits(8)}-0{self._digits(1)}",
            ]
        ), "ID"

    def _fill_uid(self) -> Filled:
        tail = ".".join(str(self.rng.randrange(1, 99999)) for _ in range(self.rng.randrange(4, 8)))
        return f"1.2.{self.rng.choice(['840', '826.0.1', '392', '276.0'])}.{tail}", "ID"
