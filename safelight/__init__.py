"""De-identification of DICOM objects and clinical notes, one object or note file at a time.

The names in ``__all__`` are the public API; everything else is internal and may change. Each name
is imported on first use, so that ``import safelight`` loads neither image libraries nor models.

Examples
--------
Read one rule set and de-identify bytes that are not a DICOM object: bad input gives a result with
a reason code, never an exception.

>>> import safelight
>>> key = bytes(range(32))  # in production: at least 32 random bytes from a key store
>>> rules = safelight.load_rules("basic")
>>> deidentifier = safelight.Deidentifier(rules, key=key, namespace="study-a", pixels=False)
>>> result = deidentifier.deidentify(b"not a DICOM object")
>>> result.status is safelight.Status.FILTERED
True
>>> result.reason_code
'not_dicom'
"""

from importlib import import_module
from typing import TYPE_CHECKING

from safelight.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from safelight.deidentifier import Deidentifier
    from safelight.notes.deidentifier import NotesDeidentifier
    from safelight.notes.formats import FilePart
    from safelight.notes.models import FilePartResult, NoteResult
    from safelight.notes.options import NotesOptions
    from safelight.records import (
        Action,
        Annotate,
        Finding,
        PseudonymMapping,
        Reason,
        Refusal,
        Result,
        Span,
        Status,
    )
    from safelight.rules import RulesError, RuleSet, load_rules
    from safelight.verify import Verifier

__all__ = [
    "Action",
    "Annotate",
    "Deidentifier",
    "FilePart",
    "FilePartResult",
    "Finding",
    "NoteResult",
    "NotesDeidentifier",
    "NotesOptions",
    "PseudonymMapping",
    "Reason",
    "Refusal",
    "Result",
    "RuleSet",
    "RulesError",
    "Span",
    "Status",
    "Verifier",
    "__version__",
    "load_rules",
]

_MODULE_OF_NAME = {
    "Deidentifier": "safelight.deidentifier",
    "FilePart": "safelight.notes.formats",
    "FilePartResult": "safelight.notes.models",
    "NoteResult": "safelight.notes.models",
    "NotesDeidentifier": "safelight.notes.deidentifier",
    "NotesOptions": "safelight.notes.options",
    "RuleSet": "safelight.rules",
    "RulesError": "safelight.rules",
    "Verifier": "safelight.verify",
    "load_rules": "safelight.rules",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_MODULE_OF_NAME.get(name, "safelight.records")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names as well as those that are imported already."""
    return sorted({*globals(), *__all__})
