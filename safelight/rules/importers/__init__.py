"""Convert the rules of other tools into a rules file.

An import never weakens the Basic Profile silently. Attributes that the other file does not name
follow the profile. An action that protects is applied at every depth, an action that keeps only
where the other tool keeps. What has no counterpart is removed, and a remark says so beside the
rule and in the result.

To add an importer, write a module with a function that reads a text into a `RulesFileBuilder`,
and add it to ``_IMPORTERS`` and ``_detect_format``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from safelight.rules.importers import jsl_strategy, microsoft_config, orthanc_request
from safelight.rules.importers.ctp import (
    anonymizer_script,
    filter_script,
    pixel_script,
    properties_script,
)
from safelight.rules.importers.ctp.lookup_table import read_lookup_table
from safelight.rules.importers.deid import recipe
from safelight.rules.importers.json_comments import blank_comments
from safelight.rules.importers.karnak import profile
from safelight.rules.importers.models import ImportedRules, Remark, RulesImportError
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.loader import parse_rules
from safelight.rules.parsing.yaml_node import RulesError

__all__ = ["IMPORT_FORMATS", "ImportedRules", "Remark", "RulesImportError", "import_rules"]


@dataclass(frozen=True)
class _Importer:
    """Importer of one format.

    Attributes
    ----------
    tool : str
        Name of the format for the heading of the rules file.
    read : callable
        Reads a text into a builder.
    """

    tool: str
    read: Callable[[str, RulesFileBuilder], None]


_IMPORTERS = {
    "ctp": _Importer("CTP or RSNA anonymizer script", anonymizer_script.read_script),
    "ctp-filter": _Importer("CTP filter script", filter_script.read_filter_script),
    "ctp-pixels": _Importer("CTP pixel script", pixel_script.read_pixel_script),
    "deid": _Importer("pydicom/deid recipe", recipe.read_recipe),
    "jsl": _Importer("John Snow Labs strategy", jsl_strategy.read_strategy),
    "karnak": _Importer("Karnak profile", profile.read_profile),
    "orthanc": _Importer("Orthanc request", orthanc_request.read_request),
    "microsoft": _Importer(
        "Microsoft DICOM anonymizer configuration", microsoft_config.read_configuration
    ),
}


#: Names of the formats.
IMPORT_FORMATS = tuple(_IMPORTERS)


def import_rules(
    text: str, file: str, kind: str | None = None, *, lookup_table: str = ""
) -> ImportedRules:
    """Return a rules file that corresponds to the rules of another tool.

    Parameters
    ----------
    text : str
        Content of the other tool's file.
    file : str
        Name of that file, for the heading and for error messages.
    kind : str or None
        Format, one of `IMPORT_FORMATS`; None detects it from the text.
    lookup_table : str
        Content of the lookup table of a CTP script; empty for none. PHI.

    Raises
    ------
    RulesImportError
        If the text does not have that format or any known format, or if a rule cannot be
        expressed in a rules file.
    """
    kind = kind or _detect_format(text)
    if kind is None:
        raise RulesImportError(
            f"{file} has no format that can be imported ({', '.join(IMPORT_FORMATS)}); name the "
            "format if it is one of them"
        )
    importer = _IMPORTERS[kind]
    builder = RulesFileBuilder(file, importer.tool)
    builder.lookup_values = read_lookup_table(lookup_table)
    try:
        importer.read(text, builder)
    except RulesImportError:
        raise
    except ValueError as error:
        raise RulesImportError(
            f"{file} names an attribute that cannot be selected: {error}"
        ) from None
    imported = builder.build()
    try:
        parse_rules(imported.text, file)
    except RulesError as error:
        raise RulesImportError(
            f"{file} has a rule that a rules file cannot express: {error}"
        ) from None
    return imported


def _detect_format(text: str) -> str | None:
    """Return the key of the importer for a text, or None."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("/"):  # comments before a JSON document or a script
        start = blank_comments(start).lstrip()
    if start.startswith("<"):
        return "ctp"
    if start.startswith("{") and not pixel_script.has_signatures(start):
        is_request = any(f'"{key}"' in start for key in orthanc_request.REQUEST_KEYS)
        return "orthanc" if is_request and '"rules"' not in start else "microsoft"
    if properties_script.is_properties_script(start):
        return "ctp"
    if any(line.split()[:1] == ["FORMAT"] for line in start.splitlines()):
        return "deid"
    if re.search(r"(?m)^profileElements\s*:", start):
        return "karnak"
    if jsl_strategy.has_columns(start):
        return "jsl"
    if filter_script.has_expressions(start):
        return "ctp-pixels" if pixel_script.has_signatures(start) else "ctp-filter"
    return None
