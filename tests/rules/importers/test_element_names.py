import pytest

from safelight.rules.importers.element_names import convert_element_name


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("RefSOPInstanceUID", "ReferencedSOPInstanceUID"),
        ("RequestAttributesSeq", "RequestAttributesSequence"),
        ("ScheduledStationAET", "ScheduledStationAETitle"),
        ("PPSStartDate", "PerformedProcedureStepStartDate"),
        ("SPSID", "ScheduledProcedureStepID"),
        ("OperatorName", "OperatorsName"),
        ("Nonsense", None),
    ],
)
def test_names_of_the_library_of_ctp_are_known(name, keyword):
    assert convert_element_name(name) == keyword
