"""Import configurations of Microsoft's DICOM anonymizer (JSON)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.json_comments import blank_comments
from safelight.rules.importers.models import ImportedRule, RulesImportError
from safelight.rules.importers.pseudonym_actions import choose_pseudonym_action, choose_vr
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.parsing.yaml_node import RulesError, YamlMapping, YamlNode, parse_document

#: Action of each method; None is the pseudonym that fits the VR of the element.
_ACTIONS: dict[str, str | None] = {
    "keep": "keep", "redact": "empty", "remove": "remove", "dateshift": "shift",
    "refreshuid": "uid", "cryptohash": None, "encrypt": None, "perturb": "perturb",
    "substitute": "literal",
}  # fmt: skip

#: Tag, with the private creator behind a colon.
_TAG = re.compile(r"\(?\s*([0-9A-Fa-fxX]{4}),?\s*([0-9A-Fa-fxX]{4})(?::([^:\")]+))?\s*\)?")

#: Remarks on methods whose action differs from the method.
_REMARKS = {
    "encrypt": "the mapping table holds the encrypted originals; replaced by a keyed pseudonym",
}

#: Default of the tool for the span of a perturbation, and days of a year.
_DEFAULT_SPAN, _DAYS_PER_YEAR = 1.0, 365.0

#: Default of the tool for the days of a shift, and that for the value of a substitute.
_DEFAULT_SHIFT_RANGE, _DEFAULT_SUBSTITUTE = "50", "Anonymous"


def read_configuration(text: str, builder: RulesFileBuilder) -> None:
    """Read a configuration.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a configuration.
    """
    try:
        root = parse_document(blank_comments(text), builder.file).as_mapping(None)
        settings = _Settings(
            _list_mappings(root.get("defaultSettings")), _list_mappings(root.get("customSettings"))
        )
        for one in root.require("rules").as_list():
            _add_rule(one, builder, settings)
    except RulesError as error:
        raise RulesImportError(str(error)) from None


@dataclass(frozen=True)
class _Settings:
    """Settings of a configuration.

    Attributes
    ----------
    default : list of YamlMapping
        Settings of each method.
    custom : list of YamlMapping
        Settings by a name, to which a rule refers.
    """

    default: list[YamlMapping]
    custom: list[YamlMapping]

    def find(self, rule: YamlMapping, method: str, name: str) -> YamlNode | None:
        """Return a parameter of a rule: its own, that of its setting, or the default."""
        setting = rule.get("setting")
        custom = _get(self.custom, setting.as_text()) if setting else None
        base = custom or _get(self.default, method)
        own = _get(_list_mappings(rule.get("params")), name)
        return own or _get(_list_mappings(base), name)


def _list_mappings(node: YamlNode | None) -> list[YamlMapping]:
    """Return the mappings of a node: the tool reads one, its documentation shows a list."""
    return [] if node is None else [one.as_mapping(None) for one in node.as_list_or_single()]


def _get(mappings: list[YamlMapping], key: str) -> YamlNode | None:
    """Return the value of a key without regard to case; None if it is missing."""
    found = (
        mapping.get(one) for mapping in mappings for one in mapping if one.lower() == key.lower()
    )
    return next(found, None)


def _add_rule(node: YamlNode, builder: RulesFileBuilder, settings: _Settings) -> None:
    """Add the rule for one entry of ``rules``."""
    rule = node.as_mapping(None)
    method = rule.require("method").as_text().lower()
    selector = _convert_selector(rule.require("tag").as_text())
    if method not in _ACTIONS:
        remark = f"method {method[:40]} has no counterpart; removed"
        builder.add(node.line, ImportedRule(selector, "remove", remark=remark))
        return
    action = _ACTIONS[method] or choose_pseudonym_action(selector)
    parameters: dict[str, object] = {}
    if action == "literal":
        value = settings.find(rule, "substitute", "replaceWith")
        parameters["value"] = value.as_text() if value else _DEFAULT_SUBSTITUTE
    elif action == "shift":
        _set_shift_range(node.line, rule, settings, builder)
    elif method == "perturb":
        parameters = _choose_noise(rule, settings)
    elif method == "redact":
        action, parameters = _choose_redaction(selector, rule, settings)
    builder.add(
        node.line, ImportedRule(selector, action, parameters, remark=_REMARKS.get(method, ""))
    )


def _set_shift_range(
    line: int, rule: YamlMapping, settings: _Settings, builder: RulesFileBuilder
) -> None:
    """Set the range of the shift, which may be positive or negative in the tool."""
    given = settings.find(rule, "dateShift", "dateShiftRange")
    days = given.as_text().strip() if given else _DEFAULT_SHIFT_RANGE
    if days.isdigit() and int(days):
        builder.set_shift_range(line, -int(days), int(days))


def _choose_noise(rule: YamlMapping, settings: _Settings) -> dict[str, object]:
    """Return the parameters of a perturbation: half the span to both sides.

    A span of the tool is a part of the value, or, with the range type "fixed", a number.
    """
    given = settings.find(rule, "perturb", "span")
    kind = settings.find(rule, "perturb", "rangeType")
    try:
        span = abs(float(given.as_text())) if given else _DEFAULT_SPAN
    except ValueError:
        span = _DEFAULT_SPAN
    half = (span or _DEFAULT_SPAN) / 2
    if kind is None or kind.as_text().lower() != "fixed":
        return {"percent": 100 * half}
    return {"by": _DAYS_PER_YEAR * half if _is_age(rule) else half}


def _is_age(rule: YamlMapping) -> bool:
    """Return whether a rule is for an age, whose noise a rules file gives in days."""
    return choose_vr(_convert_selector(rule.require("tag").as_text())) == "AS"


def _choose_redaction(
    selector: str, rule: YamlMapping, settings: _Settings
) -> tuple[str, dict[str, object]]:
    """Return action and parameters of a redaction, which may keep years and ages up to 89."""
    vr = choose_vr(selector)
    name = {"AS": "enablePartialAgesForRedact", "DA": "enablePartialDatesForRedact"}.get(
        "DA" if vr == "DT" else vr
    )
    flag = settings.find(rule, "redact", name) if name else None
    if flag is None or flag.as_text().lower() != "true":
        return "empty", {}
    return ("age", {}) if vr == "AS" else ("generalise", {"to": "year"})


def _convert_selector(tag: str) -> str:
    """Return the selector for a tag of the tool: a VR gets braces, other forms are the same."""
    if re.fullmatch(r"[A-Z]{2}", tag):
        return f"{{{tag}}}"
    match = _TAG.fullmatch(tag)
    if match is None:
        return tag.removesuffix("RETIRED")  # its library names retired attributes so
    if match[3]:
        return f'({match[1]},"{match[3]}",{match[2][2:]})'
    return f"({match[1]},{match[2]})"
