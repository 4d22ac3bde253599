"""Refuse edits without which an object can neither be stored nor read."""

from __future__ import annotations

from safelight.dicom.encoding import format_tag_path
from safelight.headers.models import ElementEdit
from safelight.records import Reason, Refusal
from safelight.rules import AttributeRule
from safelight.rules.required_attributes import is_operation_allowed


def check_required(
    tag: int, rule: AttributeRule, edit: ElementEdit | None, has_value: bool
) -> None:
    """Refuse the edit of a required top-level attribute that its readers cannot do without.

    Parameters
    ----------
    tag : int
        One of :data:`~safelight.rules.required_attributes.REQUIRED_TAGS`.
    rule : AttributeRule
    edit : ElementEdit or None
        None keeps the element.
    has_value : bool
        Whether the source has a value.

    Raises
    ------
    Refusal
        ``REQUIRED_ATTRIBUTE_REMOVED``.
    """
    if edit is None or not has_value:
        return
    is_lost = not edit.data or edit.actions[0].action in ("removed", "emptied")
    if is_lost or not is_operation_allowed(tag, rule.operation):
        raise Refusal(
            Reason.REQUIRED_ATTRIBUTE_REMOVED,
            f"the rules remove or replace {format_tag_path('', tag)}, without which the object "
            f"cannot be stored or read; correct the rule {rule.source}",
        )
