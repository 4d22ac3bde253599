"""Import strategy files (CSV) of the DICOM de-identification of John Snow Labs."""

from __future__ import annotations

import csv
import io
import re

from safelight.rules.importers.models import ImportedRule, RulesImportError
from safelight.rules.importers.pseudonym_actions import choose_pseudonym_action
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.importers.tag_patterns import convert_tag, is_private_creator

#: Columns of the file.
COLUMNS = ("tags", "vr", "name", "status", "action", "option")

#: Action of each strategy; None is the pseudonym that fits the VR of the element.
_ACTIONS: dict[str, str | None] = {
    "delete": "remove", "remove": "empty", "keep": "keep", "": "keep", "cleantag": "clean",
    "replacewithrandomname": None, "hashid": None, "patienthashid": None,
    "replacewithmapping": "quarantine", "shiftdatebyfixednbofdays": "shift",
    "shiftdatebyrandomnbofdays": "shift", "capageat99ifover90": "age",
    "replacewithliteral": "literal", "replacewithdummygraphicalannotation": "dummy",
    "replacewithdummyverifyingobserversequence": "dummy",
    "replacewithdummypersonidentificationcode": "dummy", "ensuretagexists": "keep",
    "shifttimebyrandom": "perturb", "shiftunixtimestamprandom": "perturb",
    "shiftagebyrandom": "perturb",
}  # fmt: skip

#: Noise of the strategies that add one: half a day, one to sixty days in seconds, ten years.
_NOISE: dict[str, list[int]] = {
    "shifttimebyrandom": [-43_200, 43_200],
    "shiftunixtimestamprandom": [-5_184_000, -86_400],
    "shiftagebyrandom": [-3_653, 3_653],
}

#: Remarks on strategies whose action differs from the strategy.
_REMARKS = {
    "replacewithmapping": "the mapping is not part of the file; add it as lookups",
}
#: VRs of elements that are created with the value 0; those of other VRs are empty.
_CREATED_WITH_ZERO = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "IS", "DS"})
_CLEANED_VRS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT", "PN"})


def has_columns(text: str) -> bool:
    """Return whether the first line of a text has the columns of a strategy file."""
    first = text.split("\n", 1)[0].lower().replace('"', "")
    names = [name.strip() for name in first.split(",")]
    return {"tags", "vr", "action"} <= set(names)


def read_strategy(text: str, builder: RulesFileBuilder) -> None:
    """Read a strategy file.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text has other columns.
    """
    text = text.lstrip("\ufeff\r\n")
    if not has_columns(text):
        raise RulesImportError(f"{builder.file} has no columns Tags, VR and Action")
    reader = csv.DictReader(io.StringIO(text))
    try:
        for row in reader:
            values = {
                str(key).strip().lower(): str(value or "").strip() for key, value in row.items()
            }
            _add_row(values, reader.line_num, builder)
    except csv.Error:
        raise RulesImportError(f"{builder.file} is not valid CSV") from None


def _add_row(row: dict[str, str], line: int, builder: RulesFileBuilder) -> None:
    """Add the rules for one row."""
    name, vr = row.get("action", "").lower(), row.get("vr", "").upper()
    if not row.get("tags"):
        return
    selectors = _convert(row["tags"], vr)
    if not selectors and is_private_creator(row["tags"]):
        return
    if not selectors and _ACTIONS.get(name) != "keep":
        raise RulesImportError(
            f"{builder.file}, line {line}: the tag has no counterpart; correct the tag"
        )
    if not selectors:
        builder.add_remark(line, "left out: a tag without a counterpart")
    for selector in selectors:
        builder.add(line, _make_rule(selector, name, vr, row.get("option", "")))
        if name == "ensuretagexists" and vr in _CREATED_WITH_ZERO:
            builder.add_addition(line, selector, "0")
        elif name == "ensuretagexists":
            text = f"{selector} is not created if it is missing, because it would be empty"
            builder.add_remark(line, text, is_downgrade=False)


def _convert(tag: str, vr: str) -> list[str]:
    """Return the selectors for a tag, or for the prefix of a group such as ``(60,)``."""
    if vr != "GROUP":
        return convert_tag(tag)
    match = re.fullmatch(r"\(?\s*([0-9A-Fa-f]{1,4})\s*,?\s*\)?", tag)
    return convert_tag(f"{match[1].ljust(4, 'x')},xxxx") if match else []


def _make_rule(selector: str, name: str, vr: str, option: str) -> ImportedRule:
    """Return the rule for one selector."""
    if name not in _ACTIONS:
        return ImportedRule(
            selector, "remove", remark=f"{name[:40]} has no counterpart; removed", depth="*/"
        )
    action = _ACTIONS[name] or choose_pseudonym_action(selector)
    if action == "clean" and vr and vr not in _CLEANED_VRS:
        remark = f"cleanTag of the VR {vr[:5]} has no counterpart; removed"
        return ImportedRule(selector, "remove", remark=remark, depth="*/")
    if action == "quarantine":
        parameters = {"reason": "value is not in the mapping"}
        return ImportedRule(selector, action, parameters, remark=_REMARKS[name], depth="*/")
    if action == "literal":
        return ImportedRule(selector, action, {"value": option}, depth="*/")
    if action == "perturb":
        return ImportedRule(selector, action, {"by": _NOISE[name]}, depth="*/")
    return ImportedRule(selector, action, remark=_REMARKS.get(name, ""), depth="*/")
