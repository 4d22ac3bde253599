"""Convert the script of one element of the CTP anonymizer into rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from safelight.rules.attributes import DATE_VRS
from safelight.rules.importers.condition_nodes import join, negate
from safelight.rules.importers.ctp.conditions import convert_condition
from safelight.rules.importers.ctp.functions import Call, ScriptParts, parse_script
from safelight.rules.importers.ctp.lookup_table import VALUE_COLUMN
from safelight.rules.importers.element_names import convert_element_name, convert_element_path
from safelight.rules.importers.models import ConditionNode, ImportedRule
from safelight.rules.importers.pseudonym_actions import choose_pseudonym_action, choose_vr
from safelight.rules.importers.rule_adaptation import can_write, fit_template
from safelight.rules.parsing.action_parameters import (
    HASH_PREFIX_PATTERN,
    MAX_HASH_CHARACTERS,
    MIN_HASH_CHARACTERS,
)
from safelight.rules.references import THIS
from safelight.rules.selectors import parse_selector
from safelight.standard.attribute_categories import is_direct_identifier

_MAX_DEPTH = 20

#: Length of a hash whose call in the script has none.
_DEFAULT_HASH_CHARACTERS = 10

#: Actions of functions whose arguments do not matter. None: the pseudonym that fits the VR.
_SIMPLE_ACTIONS: dict[str, str | None] = {
    "remove": "remove", "empty": "empty", "blank": "empty", "keep": "keep", "require": "keep",
    "process": "keep", "uid": "uid", "hashdate": "shift", "ptid": None, "acc": None,
}  # fmt: skip

#: Functions of another element, of which the new value takes the place.
_REFERENCES = frozenset({
    "hashuid", "incrementdate", "hashptid", "hash", "hashname", "integer", "contents", "value",
    "uppercase", "lowercase",
})  # fmt: skip

#: Functions of an element whose result is a pseudonym, and their action.
_PSEUDONYM_ACTIONS: dict[str, str | None] = {
    "hashuid": "uid", "incrementdate": "shift", "hashptid": None, "hash": None, "hashname": None,
    "integer": None,
}  # fmt: skip

#: Position of the argument that names the element, where it is not the first.
_ELEMENT_POSITION = {"hashuid": 1, "hashptid": 1}

#: Remarks on functions without an equal, which remove.
_REMOVED = {
    "decrypt": "a decrypted original identifies",
    "date": "the current date has no counterpart",
    "time": "the current time has no counterpart",
    "append": "appending to the original value has no counterpart",
    "pathelement": "a part of a path has no counterpart",
}

#: Remarks on functions that refuse the object.
_QUARANTINED = {
    "quarantine": "",
    "dateinterval": "the lookup table is not part of the script, and CTP quarantines without it; "
    "dates: {lookup: ...} shifts dates by a table",
    "skip": "CTP passes the object on without changes",
    "call": "the plug-in is not part of the script, and CTP quarantines without it",
}


#: Part of a date by the number of its characters.
_DATE_PARTS = {4: "year", 6: "month"}

_TRANSFORMED = (
    "a value that the function leaves as it is, or that holds an identifier of the patient, is "
    "removed"
)

#: Action of a lookup table for each action of ``@lookup``; another one quarantines.
_MISSING_ACTIONS = {"remove": "remove", "empty": "remove", "keep": "keep", "default": "default"}


@dataclass(frozen=True)
class Outcome:
    """Rule of an element under conditions.

    Attributes
    ----------
    conditions : tuple of mapping
        Conditions, which all must be met.
    is_nested : bool or None
        True inside sequences only, False at the top level only, None at each depth.
    rule : ImportedRule
        Rule without condition and depth.
    """

    conditions: tuple[ConditionNode, ...]
    is_nested: bool | None
    rule: ImportedRule

    def to_rule(self) -> ImportedRule:
        """Return the rule with condition and depth."""
        # CTP applies a script in the items of a sequence too, or keeps the sequence as it is.
        depth = {None: "*/", False: "", True: "+/"}[self.is_nested]
        return replace(self.rule, when=join(self.conditions), depth=depth)


@dataclass(frozen=True)
class ElementScript:
    """Script of one element.

    Attributes
    ----------
    selector : str
    parameters : mapping
        Parameters of the whole script by name.
    empty_script_keeps : bool
        Whether an empty script keeps the element, as in the RSNA anonymizer.
    titles : mapping of str to str
        References to elements by the names that the whole script gives them.
    add_lookup : callable or None
        Adds a lookup table by the type of the key, the element, the action for other values and
        their default, and returns its name.
    retained : frozenset of str
        References to elements whose originals the whole script may retain.
    """

    selector: str
    parameters: Mapping[str, str]
    empty_script_keeps: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    add_lookup: Callable[[str, str, str, str], str] | None = None
    retained: frozenset[str] = frozenset()

    def list_outcomes(self, text: str) -> list[Outcome]:
        """Return the rules for a script, the one that is tried first at first.

        Parameters
        ----------
        text : str
            The script.
        """
        try:
            return list(self._expand(parse_script(text), (), None, 0))
        except ValueError as error:
            return [Outcome((), None, self._remove(str(error)))]

    def _expand(
        self,
        parts: ScriptParts,
        conditions: tuple[ConditionNode, ...],
        is_nested: bool | None,
        depth: int,
    ) -> Iterator[Outcome]:
        """Yield the outcomes of a script; ``@if`` and ``@select`` yield those of both clauses.

        The parts before and behind a branch belong to the values of both clauses.
        """
        parts = strip_always(parts)
        place = next((index for index, part in enumerate(parts) if _is_branch(part)), None)
        if place is None or depth > _MAX_DEPTH:
            yield Outcome(conditions, is_nested, self._convert(parts))
            return
        branch = parts[place]
        assert isinstance(branch, Call)
        first, second = (
            (*parts[:place], *parse_script(clause), *parts[place + 1 :])
            for clause in (*branch.clauses, "", "")[:2]
        )
        if branch.name == "select":
            for nested, clause in ((False, first), (True, second)):
                if is_nested is None or is_nested is nested:
                    yield from self._expand(clause, conditions, nested, depth + 1)
            return
        condition = convert_condition(branch, self.parameters, self.titles)
        if condition is None:
            rule = self._remove("the condition of @if has no counterpart")
            yield Outcome(conditions, is_nested, rule)
            return
        yield from self._expand(first, (*conditions, condition), is_nested, depth + 1)
        yield from self._expand(second, (*conditions, negate(condition)), is_nested, depth + 1)

    # -------------------------------------------------------------------------- one value

    def _remove(self, remark: str) -> ImportedRule:
        return ImportedRule(self.selector, "remove", remark=f"{remark}; removed")

    def _pseudonym(self, remark: str = "") -> ImportedRule:
        return ImportedRule(self.selector, choose_pseudonym_action(self.selector), remark=remark)

    def _convert(self, parts: ScriptParts) -> ImportedRule:
        """Return the rule for a script without branches."""
        calls = [part for part in parts if isinstance(part, Call)]
        for call in calls:
            if call.name in _QUARANTINED:
                remark = _QUARANTINED[call.name]
                return self._quarantine(f"@{call.name} in the imported script", remark)
        if any(call.name == "remove" for call in calls):
            return ImportedRule(self.selector, "remove")
        if not parts:
            action = "keep" if self.empty_script_keeps else "empty"
            return ImportedRule(self.selector, action)
        if len(parts) == 1 and isinstance(parts[0], Call):
            return self._convert_call(parts[0])
        return self._compose(parts)

    def _quarantine(self, reason: str, remark: str) -> ImportedRule:
        return ImportedRule(self.selector, "quarantine", {"reason": reason}, remark=remark)

    def _convert_call(self, call: Call) -> ImportedRule:
        """Return the rule for a script that consists of one call."""
        if call.name in _SIMPLE_ACTIONS:
            action = _SIMPLE_ACTIONS[call.name]
            if action is None or (action in ("uid", "shift") and not self._is_this_vr(action)):
                return self._pseudonym()
            return ImportedRule(self.selector, action)
        if call.name in _REMOVED:
            return self._remove(f"@{call.name}: {_REMOVED[call.name]}")
        if call.name == "param":
            return self._convert_parameter(call)
        if call.name == "lookup":
            return self._convert_lookup(call)
        converter = _CONVERTERS.get(call.name)
        if call.name not in _PSEUDONYM_ACTIONS and converter is None:
            return self._remove(f"@{call.name} has no counterpart")
        position = _ELEMENT_POSITION.get(call.name, 0)
        name = call.arguments[position] if position < len(call.arguments) else THIS
        element = self._find(name)
        if element is None:
            return self._remove(f"@{call.name} names an unknown element")
        if element not in (THIS, self._keyword):
            return self._refer_to(element, call)
        if converter is not None:
            return converter(self, call.arguments[1:])
        if call.name == "incrementdate" and len(call.arguments) == 2:
            return self._convert_increment(call.arguments[1])
        action = _PSEUDONYM_ACTIONS[call.name]
        if action is None or not self._is_this_vr(action):
            return self._pseudonym()
        remark = (
            "CTP looks the days up in a table; here they follow from the key, unless "
            "dates: {lookup: ...} names the table"
        )
        return ImportedRule(
            self.selector, action, remark=remark if call.name == "incrementdate" else "",
            is_downgrade=False,
        )  # fmt: skip

    def _is_this_vr(self, action: str) -> bool:
        """Return whether an action for UIDs or dates fits the element."""
        fitting = choose_pseudonym_action(self.selector)
        return action == fitting or fitting == "token" and self.selector.count(",") == 2

    @property
    def _keyword(self) -> str:
        return convert_element_name(self.selector) or ""

    def _find(self, name: str) -> str | None:
        """Return the reference to an element that the script names; None if it is unknown."""
        return convert_element_path(name, self.titles)

    def _resolve(self, argument: str) -> str:
        """Return an argument, or the parameter of the script that it refers to."""
        argument = argument.strip()
        if argument[:1] in ("@", "$"):
            return self.parameters.get(argument[1:], "")
        return argument

    def _refer_to(self, element: str, call: Call) -> ImportedRule:
        """Return the rule for a function of another element: the new value of that element."""
        if call.name in _PSEUDONYM_ACTIONS and element in self.retained:
            return self._remove(f"@{call.name} of an element that the script keeps")
        if call.name in _REFERENCES and len(call.arguments) < 4:
            return ImportedRule(
                self.selector, "text", {"value": f"{{{element}}}"},
                remark=f"@{call.name} of another element: its new value", is_downgrade=False,
            )  # fmt: skip
        return self._remove(f"@{call.name} of another element has no counterpart")

    def _convert_parameter(self, call: Call) -> ImportedRule:
        """Return the rule for a parameter of the script as the whole value."""
        name = call.arguments[0].strip() if call.arguments else ""
        if name[:1] in ("@", "$") and name[1:] not in self.parameters:
            return self._pseudonym(f"@param({name}): the script has no such parameter")
        return self._compose((call,))

    def _convert_increment(self, argument: str) -> ImportedRule:
        """Return the rule for a date that is moved by a number of days."""
        days = self._resolve(argument)
        if not re.fullmatch(r"[+-]?\d+", days):
            return ImportedRule(
                self.selector, "empty",
                remark="@incrementdate by a parameter that is not a number empties the date",
                is_downgrade=False,
            )  # fmt: skip
        if not self._is_this_vr("shift"):
            return self._pseudonym()
        remark = "CTP adds 0 days" if int(days) == 0 else ""
        return ImportedRule(self.selector, "shift", remark=remark, is_downgrade=False)

    def _convert_lookup(self, call: Call) -> ImportedRule:
        """Return the rule for a lookup: that of CTP for a value that the table does not have."""
        missing = call.arguments[2].lower() if len(call.arguments) > 2 else "quarantine"
        if (rule := self._look_up(call, missing)) is not None:
            return rule
        remark = "@lookup: the table is not part of the script; see --lookup-table"
        if missing in ("remove", "keep"):
            return self._remove(remark)
        if missing == "empty":
            return ImportedRule(self.selector, "empty", remark=remark)
        if missing == "default" and len(call.arguments) > 3:
            return ImportedRule(
                self.selector, "literal", {"value": call.arguments[3]}, remark=remark
            )
        return self._quarantine("value is not in the lookup table", remark)

    def _look_up(self, call: Call, missing: str) -> ImportedRule | None:
        """Return the rule for a lookup in a table that is there; None if it is not."""
        element = self._find(call.arguments[0]) if len(call.arguments) > 1 else None
        if element is None or self.add_lookup is None:
            return None
        match = THIS if element == self._keyword else element
        action = _MISSING_ACTIONS.get(missing, "quarantine")
        default = call.arguments[3] if len(call.arguments) > 3 else ""
        if missing == "default" and not can_write(choose_vr(self.selector), default):
            action = "quarantine"  # CTP does so without a default
        if action != "default":
            default = ""
        table = self.add_lookup(call.arguments[1].strip(), match, action, default)
        if not table:
            return None
        parameters = {"table": table, "column": VALUE_COLUMN}
        return ImportedRule(self.selector, "lookup", parameters)

    # -------------------------------------------------------------------- composed values

    def _compose(self, parts: ScriptParts) -> ImportedRule:
        """Return the rule for texts and calls whose results are joined."""
        template, has_reference, pseudonym_of_this = "", False, False
        for part in parts:
            text = self._compose_part(part)
            if text is None and isinstance(part, Call) and self._is_pseudonym_of_this(part):
                pseudonym_of_this = True
            elif text is None:
                return self._remove("a composed value has a part without a counterpart")
            else:
                has_reference |= isinstance(part, Call) and text.startswith("{")
                template += text
        if pseudonym_of_this:
            return self._make_prefixed_hash(parts, template)
        if has_reference:
            value = fit_template(self.selector, template)
            return ImportedRule(self.selector, "text", {"value": value})
        if not template.strip():
            return ImportedRule(self.selector, "empty")
        return ImportedRule(self.selector, "literal", {"value": template})

    def _make_prefixed_hash(self, parts: ScriptParts, prefix: str) -> ImportedRule:
        """Return the rule for a pseudonym of the element after a constant text."""
        last = parts[-1]
        is_prefix = isinstance(last, Call) and self._is_pseudonym_of_this(last)
        is_prefix &= choose_pseudonym_action(self.selector) != "patient_id"  # see ids: {prefix: …}
        if not is_prefix or "{" in prefix or not re.fullmatch(HASH_PREFIX_PATTERN, prefix):
            return self._pseudonym("the text around the pseudonym is left out")
        if not can_write(choose_vr(self.selector), f"{prefix}0"):
            return self._pseudonym("the VR cannot hold the text before the pseudonym")
        given = self._resolve(last.arguments[-1]) if isinstance(last, Call) else ""
        length = int(given) if given.isdigit() else _DEFAULT_HASH_CHARACTERS
        length = min(max(length, MIN_HASH_CHARACTERS), MAX_HASH_CHARACTERS)
        return ImportedRule(self.selector, "hash", {"length": length, "prefix": prefix})

    def _compose_part(self, part: str | Call) -> str | None:
        """Return the part of a template; None if there is none."""
        if isinstance(part, str):
            return part if not set(part) & set("{}") else None
        if part.name == "param" and part.arguments:
            value = self.parameters.get(part.arguments[0].strip("@ "), "")
            return value if not set(value) & set("{}") else None
        position = _ELEMENT_POSITION.get(part.name, 0)
        if part.name not in (*_PSEUDONYM_ACTIONS, "contents", "value"):
            return None
        if len(part.arguments) <= position or len(part.arguments) > position + 2:
            return None
        element = self._find(part.arguments[position])
        if element in (None, THIS, self._keyword):
            return None
        if part.name in _PSEUDONYM_ACTIONS and element in self.retained:
            return None
        return f"{{{element}}}"

    def _is_pseudonym_of_this(self, call: Call) -> bool:
        """Return whether a call gives a pseudonym of the element itself."""
        position = _ELEMENT_POSITION.get(call.name, 0)
        if call.name not in _PSEUDONYM_ACTIONS or len(call.arguments) <= position:
            return False
        return self._find(call.arguments[position]) in (THIS, self._keyword)

    # ---------------------------------------------------------- functions of the element

    def _convert_contents(self, arguments: tuple[str, ...]) -> ImportedRule:
        if not arguments:
            return ImportedRule(self.selector, "keep")
        replacement = re.sub(r"\$(\d)", r"\\\1", arguments[1] if len(arguments) > 1 else "")
        return self._transform("regex", {"pattern": arguments[0], "replace": replacement})

    def _convert_value(self, arguments: tuple[str, ...]) -> ImportedRule:
        remark = "an element without a value stays empty" if any(arguments) else ""
        return ImportedRule(self.selector, "keep", remark=remark, is_downgrade=False)

    def _convert_truncate(self, arguments: tuple[str, ...]) -> ImportedRule:
        match = re.fullmatch(r"(-?)(\d{1,4})", arguments[0]) if arguments else None
        if match is None:  # CTP leaves the value as it is
            return ImportedRule(self.selector, "keep")
        length = int(match[2])
        if length == 0 and not match[1]:
            return ImportedRule(self.selector, "empty")
        vr = choose_vr(self.selector)
        if vr == "DA" and not match[1] and length in _DATE_PARTS:
            remark = "a part of a date is written as its first day"
            return ImportedRule(
                self.selector, "generalise", {"to": _DATE_PARTS[length]}, remark=remark,
                is_downgrade=False,
            )  # fmt: skip
        if vr in DATE_VRS:
            return self._remove(f"the VR {vr} cannot hold a part of a value")
        if match[1]:  # characters at the end
            parameters = {"pattern": f"^.*(.{{{length}}})$", "replace": r"\1"}
            return self._transform("regex", parameters)
        return self._transform("truncate", {"length": length})

    def _transform(self, action: str, parameters: Mapping[str, object]) -> ImportedRule:
        """Return the rule for a function of the value, whose result may hold known values."""
        return ImportedRule(
            self.selector, action, parameters, remark=_TRANSFORMED, is_downgrade=False
        )

    def _convert_round(self, arguments: tuple[str, ...]) -> ImportedRule:
        width = self._resolve(arguments[0]) if arguments else ""
        if not width.isdigit() or int(width) == 0:
            return self._remove("@round without a number")
        return ImportedRule(self.selector, "round", {"to": int(width)})

    def _convert_modified_date(self, arguments: tuple[str, ...]) -> ImportedRule:
        year, month, day = (*map(self._resolve, arguments), "", "", "")[:3]
        if year == "*" and day == "1" and month in ("1", "*"):
            to = "year" if month == "1" else "month"
            return ImportedRule(self.selector, "generalise", {"to": to})
        if year == "*" and day.isdigit():
            to = "year" if month.isdigit() else "month"
            remark = "@modifydate: other parts of the date become the first of January"
            if to == "month":
                remark = "@modifydate: the day becomes the first of the month"
            return ImportedRule(self.selector, "generalise", {"to": to}, remark=remark)
        if year.isdigit() and month.isdigit() and day.isdigit():
            value = f"{int(year):04d}{int(month):02d}{int(day):02d}"
            return ImportedRule(self.selector, "literal", {"value": value})
        return self._remove("@modifydate that keeps another part of a date has no counterpart")

    def _convert_initials(self, arguments: tuple[str, ...]) -> ImportedRule:
        if arguments:
            return self._pseudonym("@initials with other letters: replaced by a keyed pseudonym")
        return ImportedRule(self.selector, "initials")

    def _convert_encryption(self, _arguments: tuple[str, ...]) -> ImportedRule:
        return self._pseudonym(
            "@encrypt: replaced by a keyed pseudonym; the mapping table holds the encrypted "
            "originals, see also encrypt of the rules file"
        )

    def _convert_case(self, action: str) -> ImportedRule:
        """Return the rule for upper or lower case, which hides nothing of an identifier."""
        tag = parse_selector(self.selector).tag
        if tag is not None and (choose_vr(self.selector) == "PN" or is_direct_identifier(tag)):
            return self._pseudonym(
                f"@{action}case leaves the whole identifier; replaced by a keyed pseudonym"
            )
        if action == "lower" and choose_vr(self.selector) == "CS":
            return self._remove("the VR CS cannot hold lower case")
        return self._transform(action, {})


_Converter = Callable[[ElementScript, tuple[str, ...]], ImportedRule]

_CONVERTERS: dict[str, _Converter] = {
    "contents": ElementScript._convert_contents,
    "value": ElementScript._convert_value,
    "encrypt": ElementScript._convert_encryption,
    "truncate": ElementScript._convert_truncate,
    "round": ElementScript._convert_round,
    "modifydate": ElementScript._convert_modified_date,
    "initials": ElementScript._convert_initials,
    "uppercase": lambda script, _arguments: script._convert_case("upper"),
    "lowercase": lambda script, _arguments: script._convert_case("lower"),
}


def _is_branch(part: str | Call) -> bool:
    """Return whether a part of a script has a clause for each of two cases."""
    return isinstance(part, Call) and part.name in ("if", "select")


def strip_always(parts: ScriptParts) -> ScriptParts:
    """Return the parts of a script without ``@always()``, which has no value."""
    return tuple(part for part in parts if not (isinstance(part, Call) and part.name == "always"))
