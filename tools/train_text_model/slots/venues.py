"""Fill slots with short names of places: hospitals, roads, shops, camps, employers."""

from __future__ import annotations

from tools.train_text_model.slots.base import Filled
from tools.train_text_model.slots.places import PlaceSlots

_KINDS = (
    "Park,Lake,Lanes,Mall,Diner,Motel,Inn,Campground,Beach,Casino,Speedway,Ranch,Farms,Gym,"
    "Elks Lodge,VFW,Senior Center,Community Center,Rec Center,Fairgrounds,Marina,Airport,"
    "Reservation,Trailer Park,Apartments,Towers,Commons,Gardens,Estates,Heights,Plaza,Pines,"
    "Golf Club,Country Club,Day Care,Foods,Brewing,Trucking,Roofing,Landscaping,Auto Body"
).split(",")
_SHORT = (
    "General,Gen,Memorial,Mem,Mercy,Methodist,Baptist,Presbyterian,Lutheran,Adventist,Regional,"
    "County,Community,Childrens,Univ,University,VA,VAMC,Rehab,Clinic,Urgent Care,Peds,Ortho,"
    "Imaging,MRI,Dental,Hospice,SNF,Care Ctr,Manor,Place,House,Villa,Heights,Health"
).split(",")


class VenueSlots(PlaceSlots):
    """Slots of short names of places, as in shorthand and conversation."""

    def _place(self) -> str:
        """Return a word that may be part of the name of a place."""
        rng, pools = self.rng, self.pools
        return rng.choice(
            [
                self.last(),
                rng.choice(pools.cities)[0],
                rng.choice(pools.streets),
                rng.choice(pools.dictionary).title(),
            ]
        )

    def _fill_acronym(self) -> Filled:
        if self.rng.random() < 0.4:
            place = self.rng.choice("ABCDEFGHJKLMNPRSTVW")
            tail = self.rng.choice(["MC", "GH", "MH", "CH", "RMC", "UH", "CMC", "HC"])
            return f"{place}{tail}", "LOCATION"
        return self.rng.choice(self.pools.acronyms), "LOCATION"

    def _fill_facility(self) -> Filled:
        rng = self.rng
        pick = rng.random()
        if pick < 0.25:
            return self._fill_hospital()
        if pick < 0.35:
            return self._fill_acronym()
        place, first = self._place(), self.first()
        saint = rng.choice(["St.", "St", "Saint", "Sts.", "Mt.", "Mount"])
        return rng.choice(
            [
                *[f"{place} {rng.choice(_SHORT)}"] * 5,
                f"{saint} {first}'s",
                f"{saint} {first}s",
                f"{saint} {first}",
                f"{saint} {first[0]}'s",
                f"{saint} {first} {rng.choice(_SHORT)}",
                f"Our Lady of {place}",
                f"Holy {place}",
                f"Good Samaritan {place}",
                f"Sacred Heart {place}",
                f"Providence {place}",
                f"Kaiser {place}",
                f"Sutter {place}",
                f"HCA {place}",
                f"Banner {place}",
                f"UMC {place}",
                f"U of {place}",
                f"Univ of {place}",
                f"{place}-{self._place()}",
                f"the {place} VA",
                f"{place} & {self._place()} Clinic",
                f"{rng.choice(['Shady', 'Sunny', 'Golden', 'Maple', 'Silver'])} {place}",
            ]
        ), "LOCATION"

    def _fill_road(self) -> Filled:
        rng = self.rng
        name = rng.choice(self.pools.streets)
        other = rng.choice(self.pools.streets)
        suffix = rng.choice(self.pools.street_suffixes)
        number = rng.randrange(2, 400)
        return rng.choice(
            [
                f"{name} {suffix}",
                f"{name} {suffix}",
                f"{rng.choice(['N', 'S', 'E', 'W', 'North', 'West'])} {name} {suffix}",
                name,
                f"{name} and {other}",
                f"{name} & {other}",
                f"{number} {name}",
                f"I-{number % 95 + 5}",
                f"Hwy {number}",
                f"Highway {number} at {name}",
                f"Route {number}",
                f"US-{number}",
                f"the {name} Bridge",
                f"Exit {number % 60 + 1}",
            ]
        ), "LOCATION"

    def _fill_venue(self) -> Filled:
        rng = self.rng
        place = self._place()
        last = self.last()
        return rng.choice(
            [
                *[f"{place} {rng.choice(_KINDS)}"] * 6,
                f"Camp {place}",
                f"Fort {last}",
                f"Ft. {last}",
                f"Lake {place}",
                f"Mt. {place}",
                f"USS {last}",
                f"{last}'s Bar",
                f"{last}'s",
                f"{last} & Sons",
                f"{place} Correctional",
                f"{place} State Prison",
                f"{place} County Jail",
                f"Motel 6 {place}",
                f"Holiday Inn {place}",
                f"{rng.choice(self.pools.employers)} {rng.choice(['on', 'in', 'at'])} {place}",
                f"the {place} Shelter",
                f"Unit {self._digits(2)}, {place} Estates",
                f"Lot {self._digits(2)} {place} Trailer Park",
            ]
        ), "LOCATION"

    def _fill_employer(self) -> Filled:
        rng = self.rng
        pick = rng.random()
        if pick < 0.35:
            return rng.choice(self.pools.employers), "LOCATION"
        if pick < 0.65:
            return self._fill_org()
        if pick < 0.8:
            return self._fill_venue()
        place = self._place()
        return rng.choice(
            [
                f"{place} Steel",
                f"{place} Elementary",
                f"{place} Fire Dept",
                f"{place} PD",
                f"{place} Mills",
                f"{place} Logistics",
                f"{place} {self._place()} LLP",
                f"{self.last()} {self.last()} & {self.last()}",
                f"{place} Tool & Die",
                f"City of {place}",
                f"{place} Transit",
                f"{place} Unified",
                f"{place} Dairy",
                f"{place} Electric",
                f"{place} Bakery",
                f"{place} Industries",
            ]
        ), "LOCATION"
