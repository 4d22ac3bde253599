"""Matrix of attributes and options: the effective operation on each attribute, as CSV."""

from __future__ import annotations

import csv
import io

from safelight.rules.attributes import format_attribute, get_vr
from safelight.rules.effective_rules import EffectiveRules
from safelight.rules.model import RuleSet
from safelight.standard.confidentiality import ProfileRow, load_table
from safelight.standard.options import BASIC_PROFILE_CODE, Option

#: Columns before those of the options.
HEAD_COLUMNS = ("tag", "attribute", "vr", "basic_profile_code")


def make_option_matrix(rules: RuleSet) -> str:
    """Return a CSV table of the attributes of Table E.1-1 and of those that the rules name.

    There is a column for the Basic Profile, one for each option of PS3.15 alone, one for the rule
    set, and one for the source of its rule. A cell has the operation on an attribute of Type 3
    at the top level, and those for Types 2 and 1 if they differ.

    Parameters
    ----------
    rules : RuleSet
    """
    rows: dict[int, ProfileRow | None] = {
        int(tag.replace("x", "0"), 16): row for tag, row in load_table().items()
    }
    for entry in rules.elements:
        if entry.selector.tag is not None:
            rows.setdefault(entry.selector.tag, None)
    columns = {BASIC_PROFILE_CODE: EffectiveRules(RuleSet("basic", ""))}
    for option in Option:
        options = frozenset({option})
        columns[f"{option.code} {option.value}"] = EffectiveRules(
            RuleSet(option.value, "", options=options)
        )
    own = EffectiveRules(rules)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*HEAD_COLUMNS, *columns, f"rules {rules.name}", "source"))
    for tag in sorted(rows):
        row = rows[tag]
        head = _make_head(tag, row)
        cells = [column.describe(tag) for column in columns.values()]
        writer.writerow((*head, *cells, own.describe(tag), own.get_rule(tag, "3").source))
    return stream.getvalue()


def _make_head(tag: int, row: ProfileRow | None) -> tuple[str, str, str, str]:
    """Return the cells that describe an attribute."""
    if row is None:
        name = format_attribute(tag).partition(" ")[2]
        return f"({tag >> 16:04X},{tag & 0xFFFF:04X})", name, get_vr(tag), ""
    return f"({row.tag[:4]},{row.tag[4:]})".upper().replace("X", "x"), row.name, row.vr, row.basic
