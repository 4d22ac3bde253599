"""Remove the items of a sequence that meet a condition: the action ``remove_items``."""

from __future__ import annotations

from functools import partial

from safelight.dicom.elements import Element, Item
from safelight.headers.element_references import LevelReader
from safelight.headers.models import ChangeLog, DatasetContext, ElementEdit, make_action
from safelight.rules import AttributeRule
from safelight.rules.operations import ConditionalRule, find_item_removal


def remove_items(
    element: Element,
    items: list[Item],
    rules: tuple[ConditionalRule, ...],
    reader: LevelReader,
    location: str,
    log: ChangeLog,
) -> list[tuple[int, Item]]:
    """Return the items that no rule removes, with their numbers in the source.

    Parameters
    ----------
    element : Element
        The sequence.
    items : list of Item
    rules : tuple of ConditionalRule
        Rules that remove items of the sequence.
    reader : LevelReader
        Reader of the values in the items.
    location : str
        Tag path of the sequence.
    log : ChangeLog
        Receives a row for each removed item.
    """
    kept = []
    for number, item in enumerate(items):
        rule = find_item_removal(rules, partial(reader.read_sibling, item.elements))
        if rule is None:
            kept.append((number, item))
        else:
            log.actions.append(make_action(f"{location}[{number}]", element, "SQ", "removed", rule))
    return kept


def make_empty_sequence(
    element: Element, location: str, rule: AttributeRule, context: DatasetContext, log: ChangeLog
) -> ElementEdit:
    """Return the edit of a sequence whose items were all removed: empty if the IOD requires it.

    Parameters
    ----------
    element : Element
        The sequence.
    location : str
        Its tag path.
    rule : AttributeRule
        Its rule.
    context : DatasetContext
        The data set or item that holds it.
    log : ChangeLog
        Has the rows of the removed items.
    """
    if context.level.get_type(element.tag)[:1] in ("1", "2"):
        done, new = "emptied", context.encoding.sequence(element.tag, "SQ", b"", False)
    else:
        done, new = "removed", b""
    action = make_action(location, element, "SQ", done, rule)
    return ElementEdit(new, (action, *log.actions))
