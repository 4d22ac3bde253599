"""Importers of the rules of other tools: an import error, or rules that can be compiled."""

from __future__ import annotations

from contextlib import suppress

from safelight.rules import parse_rules
from safelight.rules.importers import IMPORT_FORMATS, import_rules
from safelight.rules.importers.models import RulesImportError
from safelight.rules.parsing.yaml_node import RulesError

_SEEDS = {
    "ctp": b"""<script>
<p t="DATEINC" n="Date increment">-3654</p>
<p t="PREFIX">a</p>
<e en="T" t="00080020" n="StudyDate">@incrementdate(this,@DATEINC)</e>
<e en="T" t="00100020" n="PatientID">@hashptid(@PREFIX,this)</e>
<e en="T" t="00100010" n="PatientName">@if(this,exists){@require()}{@remove()}</e>
<e en="F" t="00080080" n="InstitutionName">@keep()</e>
<k en="T" t="0028">Keep group 28</k>
<r en="T" t="curves">Remove curves</r>
<r en="T" t="privategroups">Remove private groups</r>
</script>""",
    "ctp-filter": b"""Modality.equals("CT")
 * !(ImageType.contains("DERIVED") + [0008,0008].matches(".*SEC"))""",
    "ctp-pixels": b'{ Modality.equals("US") * Rows.equals("768") } (0,0,1024,64) (10,700,200,20)',
    "deid": b"""FORMAT dicom
%filter blacklist
LABEL Burned In
contains BurnedInAnnotation YES + equals Modality US
  coordinates 0,0,100,20
%header
ADD PatientIdentityRemoved YES
REPLACE PatientID var:id
REMOVE startswith:Patient
JITTER StudyDate -3
BLANK AccessionNumber
KEEP Modality
""",
    "jsl": b"""tag,name,action
(0010,0010),PatientName,replaceWithLiteral
(0008,0020),StudyDate,shift
""",
    "karnak": b"""name: p
version: "1"
profileElements:
  - name: Keep
    codename: action.on.specific.tags
    action: K
    tags: ["(0008,0060)", "(0010,xxxx)"]
    condition: "tagValueContains(#Tag.Modality, 'CT') and !tagIsPresent(#Tag.PatientName)"
  - name: Basic
    codename: basic.dicom.profile
""",
    "orthanc": b'{"Remove": ["Modality"], "Keep": ["0010,0010"], "Replace": {"PatientID": "x"}}',
    "microsoft": b"""{"rules": [{"tag": "(0010,0010)", "method": "redact"},
 {"tag": "DA", "method": "dateshift"}, {"tag": "PatientID", "method": "cryptoHash"},
 {"tag": "Age", "method": "perturb", "params": {"span": "1"}}],
 "defaultSettings": {"perturb": {"span": 1, "roundTo": 2, "rangeType": "Proportional"}}}""",
}


def seeds() -> list[bytes]:
    """Return one file of each format; the first byte selects the format."""
    return [
        bytes([IMPORT_FORMATS.index(kind)]) + text for kind, text in _SEEDS.items()
    ]  # fmt: skip


def run(data: bytes) -> None:
    """Import a text as the format of the first byte, or as the format that is detected."""
    number, text = data[:1], data[1:].decode("utf-8", "replace")
    kind = IMPORT_FORMATS[number[0]] if number and number[0] < len(IMPORT_FORMATS) else None
    with suppress(RulesImportError):
        imported = import_rules(text, "fuzz", kind)
        try:
            parse_rules(imported.text, "fuzz")
        except RulesError as error:
            raise AssertionError("imported rules cannot be read") from error
