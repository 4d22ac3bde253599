"""Convert the actions of Karnak on dates, times and ages."""

from __future__ import annotations

from dataclasses import replace

from pydicom.datadict import keyword_for_tag

from safelight.rules.attributes import get_vr
from safelight.rules.importers.karnak.tags import KarnakTag
from safelight.rules.importers.models import ImportedRule
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.parsing.yaml_node import YamlMapping
from safelight.rules.selectors import list_dictionary_tags, parse_selector

#: Noise of times and ages whose shift is a fixed number, or the value of an element.
_SECONDS_PER_HOUR, _DAYS_PER_YEAR = 3600, 365


def list_date_rules(
    element: YamlMapping, tags: list[KarnakTag], exceptions: list[str], builder: RulesFileBuilder
) -> list[ImportedRule]:
    """Return the rules for dates, times and ages."""
    option = element.require("option").as_text()
    arguments = element.get("arguments")
    values = arguments.as_mapping(None) if arguments else None
    if option.startswith("shift"):
        set_shift_range(element.node.line, option, values, builder)
    removed = values.get("remove") if values else None
    to = {"day": "month", "month_day": "year"}.get(removed.as_text() if removed else "")
    rules = []
    for tag in tags or [KarnakTag(f"{{{vr}}}") for vr in ("DA", "DT", "TM", "AS")]:
        for single, vr in _split_by_vr(tag.selector):
            if "format" not in option:
                rule = _make_shift(single, vr, values)
            elif vr in ("DA", "DT") and to:
                rule = ImportedRule(single, "generalise", {"to": to})
            else:
                continue
            rules.append(replace(rule, exceptions=exceptions, depth=tag.depth))
    if not tags or any(parse_selector(tag.selector).is_private for tag in tags):
        builder.add_remark(element.node.line, "dates in private elements are removed")
    return rules


def _make_shift(selector: str, vr: str, values: YamlMapping | None) -> ImportedRule:
    """Return the rule for a shifted date, time or age.

    Karnak subtracts the shift from dates and times, and adds it to ages.
    """
    if vr == "DA" or (vr == "DT" and not _has_seconds(values)):
        return ImportedRule(selector, "shift")
    if vr == "AS":
        days = (_read_number(values, "min_days") or 0, _read_number(values, "max_days"))
        by = [days[0], days[1]] if days[1] else [-_DAYS_PER_YEAR, _DAYS_PER_YEAR]
    elif not _has_seconds(values):
        return ImportedRule(selector, "keep")
    else:
        most = _read_number(values, "max_seconds")
        least = _read_number(values, "min_seconds") or 0
        by = [-most, -least] if most else [-_SECONDS_PER_HOUR, _SECONDS_PER_HOUR]
    if by[0] >= by[1]:
        by[0] = by[1] - 1
    remark = "each patient has one shift in this range, which the secret key determines"
    return ImportedRule(selector, "perturb", {"by": by}, remark=remark, is_downgrade=False)


def _has_seconds(values: YamlMapping | None) -> bool:
    """Return whether a shift may change times: it has a number of seconds other than 0."""
    names = [key for key in values or () if "second" in key.lower()]
    return any(values.require(key).as_text().strip() != "0" for key in names) if values else False


def set_shift_range(
    line: int, option: str, values: YamlMapping | None, builder: RulesFileBuilder
) -> None:
    """Set the range of the shift, which Karnak subtracts from dates."""
    days = [_read_number(values, key) for key in ("days", "min_days", "max_days")]
    if option == "shift_range" and days[2] is not None:
        builder.set_shift_range(line, -days[2], -(days[1] or 0))
    else:
        text = "a shift by a fixed number or by an element becomes a shift that the key determines"
        builder.add_remark(line, text, is_downgrade=False)


def _read_number(values: YamlMapping | None, key: str) -> int | None:
    """Return a number of days or seconds; None if there is none."""
    node = values.get(key) if values else None
    text = node.as_text().strip() if node else ""
    return int(text) if text.isdigit() else None


def _split_by_vr(selector: str) -> list[tuple[str, str]]:
    """Return selector and VR of each date, time and age that a selector selects."""
    if selector.startswith("{"):
        return [(selector, selector.strip("{}"))]
    vrs = ("DA", "DT", "TM", "AS")
    path, _, last = selector.rpartition("/")
    parsed = parse_selector(last)
    if parsed.is_private:
        return []
    return [
        (f"{path}/{keyword}" if path else keyword, vr)
        for tag in list_dictionary_tags()
        if (vr := get_vr(tag)) in vrs and parsed.matches((), tag, vr)
        if (keyword := keyword_for_tag(tag))
    ]
