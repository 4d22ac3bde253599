"""Fill slots with places, institutions, contacts and professions."""

from __future__ import annotations

from safelight.text.lexicon.word_lists import word_set
from tools.train_text_model.pools import states
from tools.train_text_model.slots.base import Filled, SlotBase

_STATES = states()


class PlaceSlots(SlotBase):
    """Slots of places and contacts."""

    def _fill_hospital(self) -> Filled:
        name = self.rng.choice(self.pools.hospitals)
        if self.rng.random() < 0.3:
            name = (
                self.rng.choice([self.last(), self.rng.choice(self.pools.cities)[0]])
                + " "
                + self.rng.choice(
                    [
                        "Clinic",
                        "Hospital",
                        "Medical Center",
                        "Imaging Center",
                        "General Hospital",
                        "Health System",
                        "Regional Medical Center",
                        "Radiology Associates",
                        "Family Practice",
                        "Nursing Home",
                        "Children's Hospital",
                        "VA Medical Center",
                        "Memorial Hospital",
                        "Rehabilitation Center",
                        "Cancer Institute",
                        "Surgery Center",
                    ]
                )
            )
        elif self.rng.random() < 0.2:
            place = self.rng.choice([self.last(), self.rng.choice(self.pools.cities)[0]])
            name = self.rng.choice(
                [
                    f"{place} General",
                    f"{place} Memorial",
                    f"{place} Mercy",
                    f"Mercy {place}",
                    f"St. {self.first()}'s",
                    f"St. {self.first()} {self.rng.choice(['East', 'West', 'Medical Ctr', 'ED'])}",
                    f"{place} Urgent Care",
                    f"{place} Pediatrics",
                    f"{place} SNF",
                    f"{place} VA",
                    f"{place} Sleep Center",
                    f"{place} Infirmary",
                    f"{place} Oaks",
                    f"University of {place}",
                    f"Kaiser {place}",
                    f"DaVita {place}",
                    f"{place} Dental",
                    f"{place} Manor",
                ]
            )
        return name, "LOCATION"

    def _fill_org(self) -> Filled:
        return self.rng.choice(self.pools.organisations), "LOCATION"

    def _fill_street(self) -> Filled:
        rng = self.rng
        name = rng.choice(self.pools.streets)
        text = (
            f"{rng.randrange(1, 9999)} {rng.choice(['', '', '', 'N ', 'S. ', 'West '])}{name} "
            f"{rng.choice(self.pools.street_suffixes)}"
        )
        text += rng.choice(
            [
                "",
                "",
                "",
                f" Apt {rng.randrange(1, 99)}",
                f", Suite {self._digits(3)}",
                f" #{rng.randrange(1, 30)}",
                f", Unit {self._initial()}",
            ]
        )
        number = rng.randrange(1, 400)
        return rng.choice(
            [text] * 30
            + [
                f"P.O. Box {self._digits(rng.randrange(2, 6))}",
                f"PO Box {self._digits(rng.randrange(2, 5))}",
                f"{number} {name} Apt {rng.randrange(1, 20)}{self._initial()}",
                f"Flat {rng.randrange(1, 30)}, {number} {name} Road",
                f"Av. {self.last()} {number}",
                f"Calle {self.last()} {number}",
                f"{number} rue {self.last()}",
                f"{self.last()}strasse {number}",
                f"Rural Route {rng.randrange(1, 9)} Box {number}",
                f"State Route {number}",
                f"County Road {number}",
            ]
        ), "LOCATION"

    def _fill_school(self) -> Filled:
        rng = self.rng
        name = rng.choice(
            [self.last(), f"{self.first()} {self.last()}", rng.choice(self.pools.cities)[0]]
        )
        kind = rng.choice(
            "Elementary,Middle School,High School,High,Academy,College,University,State,"
            "Community College,Preschool,Law School,Christian School".split(",")
        )
        return rng.choice([f"{name} {kind}"] * 4 + [f"University of {name}"]), "LOCATION"

    def _fill_church(self) -> Filled:
        rng = self.rng
        name = rng.choice([self.first(), self.last(), rng.choice(self.pools.cities)[0]])
        return rng.choice(
            [
                f"St. {name}'s",
                f"St. {name} Parish",
                f"Mt. {name} Baptist",
                f"{name} Lutheran",
                f"First Methodist of {name}",
                f"Temple {name}",
                f"Masjid {name}",
                f"Our Lady of {name}",
            ]
        ), "LOCATION"

    def _fill_store(self) -> Filled:
        rng = self.rng
        last = self.last()
        brands = [f"{last}'s Pharmacy", f"{last} Drug", "Walgreens", "CVS", "Rite Aid", "Costco"]
        place = rng.choice([rng.choice(self.pools.streets), rng.choice(self.pools.cities)[0]])
        return f"{rng.choice(brands)} {rng.choice(['on', 'in', 'at'])} {place}", "LOCATION"

    def _fill_pager(self) -> Filled:
        return self.rng.choice(
            [
                self._digits(4),
                self._digits(5),
                f"{self._digits(2)}-{self._digits(4)}",
                f"x{self._digits(4)}",
            ]
        ), "CONTACT"

    def _fill_handle(self) -> Filled:
        first, last = self.first().lower(), self.last().lower().replace(" ", "")
        return "@" + self.rng.choice(
            [f"{first}_{last}", f"{first}{self._digits(2)}", f"the.{last}", f"{last}{first[0]}"]
        ), "CONTACT"

    def _fill_city(self) -> Filled:
        if self.rng.random() < 0.04:
            return self.rng.choice(self.pools.dictionary).title(), "LOCATION"
        return self.rng.choice(self.pools.cities)[0], "LOCATION"

    def _fill_county(self) -> Filled:
        return self.rng.choice(self.pools.cities)[2] + " County", "LOCATION"

    def _fill_state(self) -> Filled:
        return self.rng.choice(_STATES)[1], "LOCATION"

    def _fill_st(self) -> Filled:
        return self.rng.choice(_STATES)[0], "LOCATION"

    def _fill_zip(self) -> Filled:
        return self._digits(5) + self.rng.choice(["", "", "", "-" + self._digits(4)]), "LOCATION"

    def _fill_country(self) -> Filled:
        country = self.rng.choice(self.pools.countries)
        # a country alone does not identify a person, unless it is very small
        return country, None if country in word_set("countries") else "LOCATION"

    def _fill_room(self) -> Filled:
        return f"{self.rng.choice(['Room', 'Bed', 'Rm'])} {self._digits(3)}", None

    def _fill_phone(self) -> Filled:
        a, b, c = (
            str(self.rng.randrange(201, 990)),
            str(self.rng.randrange(200, 999)),
            self._digits(4),
        )
        text = self.rng.choice(
            [
                f"({a}) {b}-{c}",
                f"{a}-{b}-{c}",
                f"{a}.{b}.{c}",
                f"{a} {b} {c}",
                f"+1 {a} {b} {c}",
                f"1-{a}-{b}-{c}",
                f"{a}{b}{c}",
                f"({a}){b}-{c}",
                f"{b}-{c}",
                f"+44 20 7{self._digits(3)} {c}",
                f"x{self._digits(4)}",
                f"+49 30 {self._digits(7)}",
                f"{a}/{b}-{c}",
            ]
        )
        return text, "CONTACT"

    def _fill_email(self) -> Filled:
        first, last = self.first().lower(), self.last().lower().replace(" ", "")
        host = self.rng.choice(
            [
                "gmail.com",
                "yahoo.com",
                "outlook.com",
                f"{last}.org",
                "mail.hospital.org",
                "health.example.net",
                "aol.com",
            ]
        )
        return self.rng.choice(
            [
                f"{first}.{last}@{host}",
                f"{first[0]}{last}{self._digits(2)}@{host}",
                f"{last}_{first}@{host}",
            ]
        ), "CONTACT"

    def _fill_url(self) -> Filled:
        host = self.last().lower().replace(" ", "").replace("'", "")
        return self.rng.choice(
            [
                f"https://www.{host}.com/patient/{self._digits(5)}",
                f"www.{host}health.org",
                f"http://{host}.net",
                f"portal.{host}clinic.com",
            ]
        ), "CONTACT"

    def _fill_ip(self) -> Filled:
        return ".".join(str(self.rng.randrange(1, 255)) for _ in range(4)), "CONTACT"

    def _fill_job(self) -> Filled:
        return self.rng.choice(self.pools.jobs), "PROFESSION"
