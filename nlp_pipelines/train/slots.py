"""The slots of the templates: each yields a surface value and its label, or none.

Labels are those of :mod:`nlp_pipelines.labels`; a slot without a label is a hard negative
or ordinary text.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Optional

from nlp_pipelines.train import coined, dates
from nlp_pipelines.train.pools import Pools, states

Filled = tuple[str, Optional[str]]
_STATES = states()
_TITLES = ("MD", "M.D.", "DO", "RN", "NP", "PA-C", "PhD")


class Slots:
    """Fills slots from the lists of one half.

    Parameters
    ----------
    pools : Pools
    rng : random.Random
    """

    def __init__(self, pools: Pools, rng: Random):
        self.pools = pools
        self.rng = rng
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
            if slot in coined.COINERS and self.rng.random() < 0.35:
                return coined.COINERS[slot](self), None
            return self.rng.choice(self.pools.plain[slot]), None
        return self._fillers[slot]()

    def _digits(self, count: int) -> str:
        return "".join(self.rng.choices(string.digits, k=count))

    def _letters(self, count: int) -> str:
        return "".join(self.rng.choices(string.ascii_uppercase, k=count))

    # people

    def last(self) -> str:
        pick = self.rng.random()
        pools = self.pools
        if pick < 0.35:
            return self.rng.choice(pools.common_last)
        if pick < 0.68:
            return self.rng.choice(pools.last)
        if pick < 0.80:
            return self.rng.choice(pools.word_names)
        if pick < 0.85:
            return self.rng.choice(pools.dictionary).title()
        if pick < 0.93:
            return self.rng.choice(pools.foreign_last)
        joined = [self.rng.choice(pools.common_last), self.rng.choice(pools.last)]
        return self.rng.choice("- ").join(joined)

    def first(self) -> str:
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
        return self.rng.choice(string.ascii_uppercase)

    def fill_name(self) -> Filled:
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

    def fill_fullname(self) -> Filled:
        return f"{self.first()} {self.last()}", "NAME"

    def fill_lastfirst(self) -> Filled:
        middle = self.rng.choice(["", f" {self._initial()}", f" {self._initial()}.", ""])
        comma = self.rng.choice([", ", ", ", ",", " "])
        return f"{self.last()}{comma}{self.first()}{middle}", "NAME"

    def fill_first(self) -> Filled:
        return self.first(), "NAME"

    def fill_last(self) -> Filled:
        return self.last(), "NAME"

    def fill_initials(self) -> Filled:
        one, two, three = self._initial(), self._initial(), self._initial()
        return self.rng.choice(
            [f"{one}.{two}.", f"{one}{two}", f"{one}.{two}.{three}.", f"{one}{two}{three}"]
        ), "NAME"

    def fill_pn(self) -> Filled:
        separator = self.rng.choice(["^", "^", "^", "_", "="])
        parts = [self.last(), self.first()]
        if self.rng.random() < 0.4:
            parts.append(self.rng.choice([self._initial(), self.first()]))
        if separator == "^" and self.rng.random() < 0.15:
            parts += ["", self.rng.choice(["Dr", "MR", "MRS", "JR", "MD"])]
        return separator.join(parts), "NAME"

    def fill_cred(self) -> Filled:
        return self.rng.choice(_TITLES), None

    def fill_username(self) -> Filled:
        first, last = self.first().lower(), self.last().lower().replace(" ", "")
        return self.rng.choice(
            [
                f"{first[0]}{last}",
                f"{last}{first[0]}",
                f"{first}.{last}",
                f"{last}{self._digits(2)}",
            ]
        ), "NAME"

    def fill_clinician(self) -> Filled:
        return self.rng.choice(
            [self.last(), f"{self.first()} {self.last()}", f"{self._initial()}. {self.last()}"]
        ), "NAME"

    # dates and ages

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

    def fill_rel(self) -> Filled:
        return dates.relative(self.rng), None

    def fill_age90(self) -> Filled:
        return str(self.rng.randrange(90, 108)), "AGE"

    def fill_age(self) -> Filled:
        return str(self.rng.randrange(1, 90)), None

    # identifiers

    def fill_mrn(self) -> Filled:
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

    def fill_acc(self) -> Filled:
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

    def fill_ssn(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._digits(3)}-{self._digits(2)}-{self._digits(4)}",
                f"{self._digits(3)} {self._digits(2)} {self._digits(4)}",
                self._digits(9),
                f"XXX-XX-{self._digits(4)}",
                f"***-**-{self._digits(4)}",
            ]
        ), "ID"

    def fill_account(self) -> Filled:
        return self.rng.choice(
            [
                self._digits(10),
                self._digits(12),
                f"{self._letters(2)}{self._digits(9)}",
                f"V{self._digits(11)}",
                f"{self._digits(4)}-{self._digits(4)}-{self._digits(4)}",
            ]
        ), "ID"

    def fill_serial(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._letters(2)}{self._digits(7)}",
                f"{self._letters(3)}{self._digits(6)}{self._initial()}",
                self._digits(6),
                f"{self._letters(1)}{self._digits(2)}-{self._digits(5)}",
                f"{self._digits(5)}{self._letters(2)}{self._digits(2)}",
            ]
        ), "ID"

    def fill_license(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._initial()}{self._digits(7)}",
                f"{self._letters(2)}{self._digits(6)}",
                self._digits(9),
                f"{self._letters(3)} {self._digits(4)}",
                f"{self._letters(1)}{self._digits(3)}-{self._digits(4)}-{self._digits(4)}",
            ]
        ), "ID"

    def fill_plan(self) -> Filled:
        return self.rng.choice(
            [
                f"{self._letters(3)}{self._digits(9)}",
                f"{self._digits(9)}{self._initial()}",
                f"{self._digits(4)}-{self._letters(2)}-{self._digits(4)}",
                self._digits(11),
                f"{self._initial()}{self._letters(1)}{self._digits(8)}-0{self._digits(1)}",
            ]
        ), "ID"

    def fill_uid(self) -> Filled:
        tail = ".".join(str(self.rng.randrange(1, 99999)) for _ in range(self.rng.randrange(4, 8)))
        return f"1.2.{self.rng.choice(['840', '826.0.1', '392', '276.0'])}.{tail}", "ID"

    # places

    def fill_hospital(self) -> Filled:
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
        return name, "LOCATION"

    def fill_org(self) -> Filled:
        return self.rng.choice(self.pools.organisations), "LOCATION"

    def fill_street(self) -> Filled:
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
        return rng.choice(
            [text] * 12 + [f"P.O. Box {self._digits(rng.randrange(2, 6))}"]
        ), "LOCATION"

    def fill_city(self) -> Filled:
        if self.rng.random() < 0.04:
            return self.rng.choice(self.pools.dictionary).title(), "LOCATION"
        return self.rng.choice(self.pools.cities)[0], "LOCATION"

    def fill_county(self) -> Filled:
        return self.rng.choice(self.pools.cities)[2] + " County", "LOCATION"

    def fill_state(self) -> Filled:
        return self.rng.choice(_STATES)[1], "LOCATION"

    def fill_st(self) -> Filled:
        return self.rng.choice(_STATES)[0], "LOCATION"

    def fill_zip(self) -> Filled:
        return self._digits(5) + self.rng.choice(["", "", "", "-" + self._digits(4)]), "LOCATION"

    def fill_country(self) -> Filled:
        return self.rng.choice(self.pools.countries), "LOCATION"

    def fill_room(self) -> Filled:
        return f"{self.rng.choice(['Room', 'Bed', 'Rm'])} {self._digits(3)}", None

    # contacts

    def fill_phone(self) -> Filled:
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

    def fill_email(self) -> Filled:
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

    def fill_url(self) -> Filled:
        host = self.last().lower().replace(" ", "").replace("'", "")
        return self.rng.choice(
            [
                f"https://www.{host}.com/patient/{self._digits(5)}",
                f"www.{host}health.org",
                f"http://{host}.net",
                f"portal.{host}clinic.com",
            ]
        ), "CONTACT"

    def fill_ip(self) -> Filled:
        return ".".join(str(self.rng.randrange(1, 255)) for _ in range(4)), "CONTACT"

    def fill_job(self) -> Filled:
        return self.rng.choice(self.pools.jobs), "PROFESSION"

    # what looks like an identifier and is none

    def fill_code(self) -> Filled:
        rng = self.rng
        return rng.choice(
            [
                f"{rng.choice('ABCDEFGIJKLMNRSTZ')}{self._digits(2)}."
                f"{self._digits(rng.randrange(1, 4))}",
                f"7{self._digits(4)}",
                f"99{self._digits(3)}",
                f"G0{self._digits(3)}",
                f"{self._digits(4)}-{self._digits(1)}",
                f"J{self._digits(4)}",
                f"NCT{self._digits(8)}",
                f"113{self._digits(3)}",
                f"T-{self._digits(5)}",
                f"{self._digits(3)}.{self._digits(1)}",
                f"DRG {self._digits(3)}",
            ]
        ), None

    def fill_longcode(self) -> Filled:
        return self._digits(self.rng.choice([6, 7, 8, 8, 9])), None

    def fill_codesystem(self) -> Filled:
        return self.rng.choice(
            [
                "ICD-10",
                "ICD-9",
                "CPT",
                "HCPCS",
                "LOINC",
                "SNOMED CT",
                "RxNorm",
                "DCM",
                "SRT",
                "ICD10",
                "ICD-10-CM",
                "UMLS",
                "NDC",
                "DRG",
            ]
        ), None

    def fill_modality(self) -> Filled:
        return self.rng.choice(
            [
                "CT",
                "MRI",
                "MR",
                "X-ray",
                "XR",
                "ultrasound",
                "US",
                "PET/CT",
                "mammogram",
                "DEXA",
                "CTA",
                "MRA",
                "echo",
                "fluoroscopy",
                "bone scan",
                "chest radiograph",
                "CT scan",
                "EKG",
                "colonoscopy",
            ]
        ), None

    def fill_num(self) -> Filled:
        return str(self.rng.choice([self.rng.randrange(1, 20), self.rng.randrange(1, 600)])), None

    def fill_meas(self) -> Filled:
        rng = self.rng
        return rng.choice(
            [
                f"{rng.uniform(0.1, 20):.1f} cm",
                f"{rng.randrange(1, 99)} mm",
                f"{rng.randrange(1, 15)} x {rng.randrange(1, 15)} mm",
                " x ".join(f"{rng.uniform(0.5, 9):.1f}" for _ in range(3)) + " cm",
                f"{rng.randrange(90, 190)}/{rng.randrange(50, 100)}",
                f"{rng.randrange(20, 900)} mg",
                f"{rng.uniform(1, 200):.1f} mg/dL",
                f"{rng.randrange(40, 140)} bpm",
                f"{rng.randrange(85, 100)}%",
                f"{rng.uniform(36, 40):.1f} C",
                f"{rng.uniform(97, 104):.1f} F",
                f"{rng.randrange(30, 150)} kg",
                f"{rng.randrange(90, 400)} mL",
                f"{rng.randrange(80, 140)} kVp",
                f"{rng.randrange(20, 400)} mAs",
                f"{rng.randrange(-150, 1200)} HU",
                f"{rng.randrange(100, 900)} mGy-cm",
                f"SUV {rng.uniform(1, 30):.1f}",
                f"{rng.randrange(0, 10)}/10",
                f"{rng.randrange(1, 4)}+",
                f"{rng.randrange(2, 400)}",
                f"{rng.uniform(0.1, 30):.2f}",
                f"TE {rng.randrange(5, 120)}",
                f"TR {rng.randrange(200, 9000)}",
                f"{rng.randrange(1000, 99999)}",
                f"{rng.randrange(1, 7)}/{rng.randrange(2, 9)}",
            ]
        ), None
