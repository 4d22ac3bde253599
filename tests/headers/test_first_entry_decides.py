"""Law: the first entry whose selector and condition match an element decides about it."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight.dicom.parser import parse
from safelight.headers.object_plan import plan_object
from safelight.records import Status
from safelight.rules import parse_rules
from tests.headers.objects import make_deidentifier, make_object, read, to_bytes

STATION = 0x00081010


class Entry(NamedTuple):
    """An entry in a form that the test evaluates by itself."""

    selector: str
    exception: str
    condition: str
    action: str


ENTRIES = st.builds(
    Entry,
    st.sampled_from(["StationName", "*/StationName", "+/StationName", "Station*", "*/{SH}"]),
    st.sampled_from(["", "+/StationName", "StationName"]),
    st.sampled_from(
        ["", "Modality is CT", "Modality is not CT", "this starts with A", "sibling is CT"]
    ),
    st.sampled_from(["keep", "empty", "remove", "lower"]),
)
CONDITIONS = {
    "Modality is CT": "{Modality: {equals: CT}}",
    "Modality is not CT": "{not: {Modality: {in: [CT, PT]}}}",
    "sibling is CT": "{./Modality: {equals: CT}}",
    "this starts with A": "{all: [{this: {startsWith: A}}, {Rows: {lessThan: 10}}]}",
}


def applies(entry: Entry, modality: str, sibling: str, value: str, nested: bool) -> bool:
    """Return whether an entry applies to the Station Name."""
    if entry.selector in ("StationName", "Station*") and nested:
        return False
    if entry.selector.startswith("+/") and not nested:
        return False
    if entry.exception and entry.exception.startswith("+/") is nested:
        return False
    return {
        "": True,
        "Modality is CT": modality == "CT",
        "Modality is not CT": modality != "CT",
        "sibling is CT": sibling == "CT",
        "this starts with A": value.startswith("A"),
    }[entry.condition]


def to_yaml(entry: Entry) -> str:
    """Return an entry of ``elements``."""
    exception = f", except: '{entry.exception}'" if entry.exception else ""
    condition = f", when: {CONDITIONS[entry.condition]}" if entry.condition else ""
    return f"- {{tag: '{entry.selector}', action: {entry.action}{exception}{condition}}}\n"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ENTRIES, min_size=1, max_size=4),
    st.sampled_from(["CT", "MR"]),
    st.sampled_from(["CT", "MR"]),
    st.sampled_from(["AROOM", "BROOM"]),
    st.sampled_from(["AROOM", "BROOM"]),
)
def test_the_first_entry_that_matches_decides(
    entries: list[Entry], modality: str, inner: str, top: str, nested: str
) -> None:
    body = "".join(map(to_yaml, entries)) + "- {tag: '*/StationName', action: remove}\n"
    rules = parse_rules(
        f"name: a\nversion: '1'\nprofile: basic\nelements:\n{body}"
        "- {tag: ReferencedImageSequence, action: keep}\n",
        "a",
    )
    item = Dataset()
    item.StationName, item.Modality = nested, inner
    ds = make_object(Modality=modality, StationName=top, ReferencedImageSequence=[item], Rows=4)
    result = make_deidentifier(rules).deidentify(to_bytes(ds))
    assert result.status is Status.DEIDENTIFIED
    new = read(result.data)
    found = (new.get("StationName"), new.ReferencedImageSequence[0].get("StationName"))
    for value, original, inside in zip(found, (top, nested), (False, True), strict=True):
        sibling = inner if inside else modality
        matching = (one for one in entries if applies(one, modality, sibling, original, inside))
        action = next((one.action for one in matching), "remove")
        wanted = {"keep": original, "empty": "", "remove": None, "lower": original.lower()}
        assert value == wanted[action], (action, original)
    planned = {one.location: one.operation for one in plan_object(rules, parse(to_bytes(ds)))}
    names = {"keep": "KEEP", "empty": "EMPTY", "remove": "REMOVE", "lower": "TRANSFORM"}
    matching = (one for one in entries if applies(one, modality, modality, top, False))
    assert planned["(0008,1010)"] == names[next((one.action for one in matching), "remove")]
