from __future__ import annotations

from safelight.dicom.elements import Element
from safelight.headers.models import ChangeLog, ElementEdit, make_action
from safelight.records import Action, PseudonymMapping
from safelight.rules import AttributeRule, Operation

ACTION = Action("(0008,0050)", "AccessionNumber", "SH", "removed", "rule")


def test_action_has_keyword_and_length_but_no_value() -> None:
    rule = AttributeRule(Operation.REMOVE, "E.1-1 X")
    action = make_action("(0008,0050)", Element(0x00080050, "SH", 0, 8, 16), "SH", "removed", rule)
    assert action == Action("(0008,0050)", "AccessionNumber", "SH", "removed", "E.1-1 X", "8 bytes")


def test_log_collects_rows_of_edits() -> None:
    log, mapping = ChangeLog(), PseudonymMapping("id", "A", "B", "P")
    log.add(ElementEdit(b"", (ACTION,), (mapping,)))
    assert (log.actions, log.mappings, log.findings) == ([ACTION], [mapping], [])


def test_flags_of_nested_log_are_added() -> None:
    log = ChangeLog(read_text=True)
    log.add_flags(ChangeLog(retained=4))
    assert (log.retained, log.read_text, log.cleaned_content) == (4, True, False)


def test_log_without_flags_has_none() -> None:
    assert not ChangeLog(actions=[ACTION]).has_flags
