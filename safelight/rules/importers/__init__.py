"""Turn the rules of other tools into a rules file.

Importing never weakens the Basic Profile silently: what the other file leaves out is decided
by the profile, what protects is applied at every depth, what keeps only where the other tool
keeps it. Whatever has no counterpart is named in a remark.
"""

from __future__ import annotations

from safelight.rules.importers import ctp, deid_recipe, microsoft
from safelight.rules.importers.rules_file_builder import (
    ImportedRules,
    RulesFileBuilder,
    RulesImportError,
)
from safelight.rules.loader import parse_rules
from safelight.rules.parsing.yaml_node import RulesError

__all__ = ["RulesImportError", "ImportedRules", "import_rules"]

_READERS = {"ctp": ctp.read, "deid": deid_recipe.read, "microsoft": microsoft.read}
_TOOLS = {
    "ctp": "CTP or RSNA anonymizer script",
    "deid": "pydicom/deid recipe",
    "microsoft": "Microsoft DICOM anonymizer configuration",
}


def import_rules(text: str, file: str, kind: str | None = None) -> ImportedRules:
    """The rules file that stands for another tool's rules.

    Parameters
    ----------
    text : str
        Content of the other tool's file.
    file : str
        Its name, for the heading and for errors.
    kind : str or None
        ``ctp``, ``deid`` or ``microsoft``; told from the text if ``None``.

    Raises
    ------
    RulesImportError
        If the file is not of that kind, or of no known one.
    """
    kind = kind or _kind(text)
    if kind is None:
        raise RulesImportError(f"{file} is no CTP script, deid recipe or Microsoft configuration")
    builder = RulesFileBuilder(file, _TOOLS[kind])
    _READERS[kind](text, builder)
    imported = builder.finish()
    try:
        parse_rules(imported.text, file)
    except RulesError as error:
        raise RulesImportError(
            f"{file} asks for something no rules file can say: {error}"
        ) from None
    return imported


def _kind(text: str) -> str | None:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return "ctp"
    if start.startswith("{"):
        return "microsoft"
    if any(line.split()[:1] == ["FORMAT"] for line in start.splitlines()):
        return "deid"
    return None
