"""Fill slots with names, places, contacts and identifiers of many regions and forms."""

from __future__ import annotations

from random import Random

from tools.train_text_model import coined, dates, spoken
from tools.train_text_model.pools import Pools, words
from tools.train_text_model.regions import Region, fill_shape, read_regions, read_shapes
from tools.train_text_model.slots.base import Filled
from tools.train_text_model.slots.template_slots import Slots

#: Probability that the next value is of another region than the value before.
_REGION_CHANGE_SHARE = 0.12
_LISTS = ("brands", "departments", "grades", "guidelines", "roles", "short_roles", "tasks")
_LISTS_WITH_LABEL = {"professions": "PROFESSION"}
_WARD_NOUNS = (
    "Ward,Unit,Wing,Suite,Centre,Building,Pavilion,Block,House,Clinic,Lodge,Day Unit"
).split(",")


class WorldSlots(Slots):
    """Slots of the whole world; values in a row are of one region in most cases.

    Parameters
    ----------
    pools : Pools
        Lists of one half.
    rng : random.Random
        Source of random numbers.
    """

    def __init__(self, pools: Pools, rng: Random):
        super().__init__(pools, rng)
        self._regions = read_regions(pools.split)
        self._region = rng.choice(self._regions)
        self._lists = {name: words(name, pools.split) for name in (*_LISTS, *_LISTS_WITH_LABEL)}

    def fill(self, slot: str) -> Filled:
        """Return a value and its label for a slot.

        Raises
        ------
        KeyError
            If the slot does not exist.
        """
        if slot in self._lists:
            return self.rng.choice(self._lists[slot]), _LISTS_WITH_LABEL.get(slot)
        return super().fill(slot)

    def _here(self) -> Region:
        """Return the region of the next value."""
        if self.rng.random() < _REGION_CHANGE_SHARE:
            self._region = self.rng.choice(self._regions)
        return self._region

    def _given(self) -> str:
        """Return a given name: of the region, or of the lists."""
        if self.rng.random() < 0.3:
            return self.first()
        return self.rng.choice(self._here().given)

    def _surname(self) -> str:
        """Return a surname: of the region, of the lists, or coined."""
        pick = self.rng.random()
        if pick < 0.35:
            return self.last()
        name = self.rng.choice(self._here().surnames)
        if pick < 0.43:
            return f"{name}{self.rng.choice('- ')}{self.rng.choice(self._here().surnames)}"
        if pick < 0.55:
            other = self.rng.choice(self._here().surnames)
            return name[: (len(name) + 1) // 2] + other[len(other) // 2 :].lower()
        return name

    def _fill_worldfirst(self) -> Filled:
        """Return a given name, a pet name or a mononym."""
        name = self._given()
        short = name[: self.rng.randrange(2, 5)]
        if self.rng.random() < 0.1 and len(name) > 5:
            return short + self.rng.choice(["", "y", "ie", "o", "s", "a"]), "NAME"
        return name, "NAME"

    def _fill_worldlast(self) -> Filled:
        return self._surname(), "NAME"

    def _fill_worldname(self) -> Filled:
        given, last, other = self._given(), self._surname(), self._given()
        one, two, rng = self._initial(), self._initial(), self.rng
        return rng.choice(
            [
                *[f"{given} {last}"] * 8,
                f"{given} {other} {last}",
                f"{given} {one}. {last}",
                f"{given} {one} {last}",
                f"{one}. {last}",
                f"{one} {last}",
                f"{one}.{two}. {last}",
                f"{one}. {two}. {last}",
                f"{one}{two} {last}",
                f"{last} {one}{two}",
                f"{last} {one}.{two}.",
                f"{last} {one}",
                f"{last} {given}",
                f"{last} {given} {other}",
                f"{last}, {given}",
                f"{last}, {given} {one}",
                f"{last},{given}",
                f"{last} , {given} {other}",
                f"{given} {last[0]}.",
                f"{given} {last[0]}",
                f"{given}-{other} {last}",
                f"{given} '{self._pet_name(other)}' {last}",
                f'{given} "{self._pet_name(other)}" {last}',
                f"{given} ({self._pet_name(given)}) {last}",
                f"{given} {last} {rng.choice(['Jr', 'Jr.', 'Sr', 'II', 'III', 'snr', 'jnr'])}",
                f"{given} {last} {self._surname()}",
                f"{one} {two} {last}",
                f"{last}/{given}",
                f"{last}_{given}",
                f"{last}^{given}",
                f"{last}{one}",
                given,
                last,
            ]
        ), "NAME"

    def _pet_name(self, name: str) -> str:
        """Return a pet name: the start of a name, or a word."""
        if self.rng.random() < 0.6:
            return name[:4]
        return self.rng.choice(self.pools.dictionary).title()

    def _fill_signature(self) -> Filled:
        """Return the name at the end of a note: initials, a given name, a short form."""
        given, last, rng = self._given(), self._surname(), self.rng
        one, two, three = given[0], last[0], self._initial()
        return rng.choice(
            [
                *[f"{one}{two}", f"{one}{three}{two}"] * 3,
                f"{one}.{two}.",
                f"{one}.{two}",
                f"{one}.{three}.{two}.",
                one,
                f"{one}.",
                f"{one}{two}/{three}{self._initial()}",
                f"{one}.Mc{two}",
                f"{one}Mc{two}",
                f"{one}.O'{two}",
                f"{one}v{two}",
                f"{one}-{three}{two}",
                f"{one} {last}",
                f"{one}. {last}",
                f"{one}.{last}",
                f"{given} {two}",
                f"{given} {two}.",
                given,
                last,
                f"{last} {one}",
                f"{given} {last}",
                f"{one.lower()}{last.lower().replace(' ', '')}",
                f"{given[:3]}{two}",
            ]
        ), "NAME"

    def _fill_town(self) -> Filled:
        return self.rng.choice(self._here().towns), "LOCATION"

    def _fill_district(self) -> Filled:
        return self.rng.choice(self._here().districts), "LOCATION"

    def _fill_postcode(self) -> Filled:
        return self._postcode(self._here()), "LOCATION"

    def _postcode(self, region: Region) -> str:
        """Return a postal code of a region."""
        return fill_shape(self.rng.choice(region.postcodes or ("#####",)), self.rng)

    def _pattern(self, pattern: str, region: Region) -> str:
        """Return a pattern of a region with its places filled."""
        rng = self.rng
        return pattern.format(
            number=rng.choice([rng.randrange(1, limit) for limit in (40, 400, 9999)]),
            small=rng.randrange(1, 30),
            letter=rng.choice("ABCDEFG"),
            digit=self._digits(1),
            pin4=self._digits(4),
            pin5=self._digits(5),
            pin6=self._digits(6),
            street=self._street_name(region),
            town=rng.choice(region.towns),
            district=rng.choice(region.districts),
            postcode=self._postcode(region),
            first=rng.choice(region.given),
            last=self._surname(),
        )

    def _street_name(self, region: Region) -> str:
        """Return a street of the region, or one that is named after a person."""
        if self.rng.random() < 0.6:
            return self.rng.choice(region.streets)
        words_of_street = self.rng.choice(region.streets).split()
        if len(words_of_street) < 2:
            return f"{self._surname()} {self.rng.choice(self.pools.street_suffixes)}"
        return " ".join([self._surname(), words_of_street[-1]])

    def _fill_worldaddress(self) -> Filled:
        region = self._here()
        return self._pattern(self.rng.choice(region.addresses), region), "LOCATION"

    def _fill_worldstreet(self) -> Filled:
        region = self._here()
        street, number = self._street_name(region), self.rng.randrange(1, 300)
        return self.rng.choice(
            [
                f"{number} {street}",
                f"{number} {street}",
                f"{street} {number}",
                f"{number}{self.rng.choice('abcAB')} {street}",
                f"{number}, {street}",
                f"No {number}, {street}",
                f"{number % 20 + 1}/{number} {street}",
                street,
            ]
        ), "LOCATION"

    def _fill_worldhospital(self) -> Filled:
        region = self._here()
        return self._pattern(self.rng.choice(region.hospitals), region), "LOCATION"

    def _fill_namedward(self) -> Filled:
        name, noun = self._surname(), self.rng.choice(_WARD_NOUNS)
        return self.rng.choice([f"{name} {noun}"] * 4 + [f"{noun} {name}"]), "LOCATION"

    def _fill_unit(self) -> Filled:
        return fill_shape(self.rng.choice(read_shapes("units")), self.rng), None

    def _fill_worldphone(self) -> Filled:
        return fill_shape(self.rng.choice(self._here().phones), self.rng).strip(), "CONTACT"

    def _fill_bleep(self) -> Filled:
        return fill_shape(self.rng.choice(read_shapes("extensions")), self.rng), "CONTACT"

    def _fill_worldemail(self) -> Filled:
        rng, host = self.rng, self.rng.choice(self._here().hosts)
        first = self._given().lower().replace(" ", "").replace("'", "")
        last = self._surname().lower().replace(" ", "").replace("'", "")
        local = rng.choice(
            [
                f"{first}.{last}",
                f"{first[0]}{last}",
                f"{first}{self._digits(2)}",
                f"{last}.{first[0]}",
                f"{first}_{last}",
                f"{first[0]}.{last}{self._digits(1)}",
                f"{last}{first[:2]}",
                first,
            ]
        )
        return f"{local}{rng.choice(['@'] * 12 + [' at ', ' (at) '])}{host}", "CONTACT"

    def _fill_anyid(self) -> Filled:
        return self._identifier(read_shapes("identifiers")), "ID"

    def _identifier(self, shapes: tuple[str, ...]) -> str:
        """Return a number of one of the shapes, in some cases in lower case or with initials."""
        text, pick = fill_shape(self.rng.choice(shapes), self.rng), self.rng.random()
        if pick < 0.08:
            return f"{self._letters(2)}/{self._letters(2).lower()}/{text}"
        return text.lower() if pick < 0.15 else text

    def _fill_scale(self) -> Filled:
        return coined.scale(self), None

    def _fill_lookalike(self) -> Filled:
        return fill_shape(self.rng.choice(read_shapes("look_alikes")), self.rng), None

    def _fill_nhs(self) -> Filled:
        shape = self.rng.choice(["### ### ####", "##########", "###-###-####"])
        return fill_shape(shape, self.rng), "ID"

    def _fill_spokenid(self) -> Filled:
        return spoken.digits(self.rng, self.rng.randrange(4, 9)), "ID"

    def _fill_spokenphone(self) -> Filled:
        return spoken.digits(self.rng, self.rng.choice([7, 10, 10, 11])), "CONTACT"

    def _fill_spokenstreet(self) -> Filled:
        number = spoken.number(self.rng.randrange(1, 200))
        return f"{number} {self._street_name(self._here()).lower()}", "LOCATION"

    def _fill_lt(self) -> Filled:
        """Return a sign that means alternatives in a template."""
        return "<", None

    def _fill_gt(self) -> Filled:
        """Return a sign that means alternatives in a template."""
        return ">", None

    def _fill_anydate(self) -> Filled:
        return dates.varied(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"

    def _fill_anydob(self) -> Filled:
        day = dates.any_day(self.rng, self.pools.split, recent=False)
        return self.rng.choice([dates.varied, dates.full])(self.rng, day), "DATE"

    def _fill_shortdate(self) -> Filled:
        return dates.short(self.rng, dates.any_day(self.rng, self.pools.split)), "DATE"
