"""Import filter scripts of CTP, whose expression is true for the objects that pass."""

from __future__ import annotations

import re

from safelight.rules.importers.condition_nodes import ALWAYS, negate
from safelight.rules.importers.ctp.expressions import convert_expression
from safelight.rules.importers.models import RulesImportError
from safelight.rules.importers.rules_file_builder import RulesFileBuilder

_FUNCTION = re.compile(
    r"[\w\]]\s*\.\s*(?:equals|contains|matches|startsWith|endsWith|isLessThan|isGreaterThan)"
    r"(?:IgnoreCase)?\s*\(\s*\"",
    re.IGNORECASE,
)
_REASON = "the filter of the imported script does not pass the object"


def has_expressions(text: str) -> bool:
    """Return whether a text has expressions of CTP filter or pixel scripts."""
    return _FUNCTION.search(text) is not None


def read_filter_script(text: str, builder: RulesFileBuilder) -> None:
    """Read a filter script.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the filter and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a filter script.
    """
    if not has_expressions(text):
        raise RulesImportError(f"{builder.file} has no expression of a CTP filter script")
    try:
        builder.add_filter(1, "quarantine", negate(convert_expression(text)), _REASON)
    except (ValueError, RulesImportError) as error:
        builder.add_filter(
            1, "quarantine", ALWAYS, _REASON,
            f"{error}; all objects are quarantined until the condition is corrected",
        )  # fmt: skip
