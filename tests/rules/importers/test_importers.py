"""Detection of formats, and refusal of files that cannot be imported."""

import pytest

from safelight.rules.importers import RulesImportError, import_rules


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("<script></script>", "CTP"),
        ("FORMAT dicom\n%header\n", "pydicom/deid"),
        ('{"rules": []}', "Microsoft"),
    ],
)
def test_the_format_is_detected(text, tool):
    assert tool in import_rules(text, "their.file").text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hello", None), ("", None), ("hello", "ctp"), ("hello", "deid"), ("[]", "microsoft"),
        ('{"rules": 1}', "microsoft"), ("{", "microsoft"), ('{"a": 1}', None),
        ("FORMAT dicom\n%header\nSCRAMBLE PatientName\n", None),
    ],
)  # fmt: skip
def test_another_format_is_refused(text, kind):
    with pytest.raises(RulesImportError, match="their"):
        import_rules(text, "their.file", kind)
