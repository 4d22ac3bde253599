"""Conditions of filters."""

import pytest

from safelight.rules import RulesError, parse_rules

OBJECT = {
    "Modality": "CT", "ImageType": "DERIVED\\SECONDARY\\AXIAL", "SeriesDescription": "Dose Report",
    "Manufacturer": " ", "Rows": "512", "Columns": "256\\400", "StudyDate": "20190219",
    "SeriesDate": "20190220", "StudyDescription": "SECONDARY\\CT", "PatientAge": "047Y",
}  # fmt: skip


def get(keyword):
    return OBJECT.get(keyword, "")


def find_filter(*filters):
    body = "".join(f"- {one}\n" for one in filters)
    rules = parse_rules(f"name: a\nversion: 1\nprofile: basic\nfilters:\n{body}", "a")
    return rules.match_filter(get)


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("Modality: {equals: ct}", True),
        ("Modality: {equals: C}", False),
        ("Modality: {equals: [MR, CT]}", True),
        ("ImageType: {equals: SECONDARY}", True),
        ("ImageType: {startsWith: second}", True),
        ("ImageType: {startsWith: XIAL}", False),
        ("ImageType: {contains: 'derived\\secondary'}", True),
        ("SeriesDescription: {contains: dose}", True),
        ("SeriesDescription: {matches: '^dose.*port$'}", True),
        ("SeriesDescription: {matches: report$, contains: scout}", False),
        ("Rows: {equals: 512}", True),
        ("Manufacturer: {missing: true}", True),
        ("Manufacturer: {present: true}", False),
        ("Manufacturer: {exists: true}", True),
        ("StationName: {exists: true}", False),
        ("not: {StationName: {exists: true}}", True),
        ("StationName: {missing: true}", True),
        ("StationName: {equals: ''}", False),
        ("StationName: {matches: '.*'}", False),
        ("Modality: {present: true}", True),
        ("all: [{Modality: {equals: CT}}, {Rows: {equals: 256}}]", False),
        ("any: [{Modality: {equals: MR}}, {Rows: {equals: 512}}]", True),
        ("not: {Modality: {equals: MR}}", True),
        ("not: [{Modality: {equals: MR}}, {Rows: {equals: 512}}]", False),
        ("Modality: {equals: CT}, Rows: {equals: 256}", False),
        ("Modality: {equals: CT}, not: {Rows: {equals: 256}}", True),
        ("SeriesDate: {greaterThan: {element: StudyDate}}", True),
        ("StudyDate: {greaterThan: {element: SeriesDate}}", False),
        ("Columns: {lessThan: {element: Rows}}", True),
        ("Rows: {lessThan: {element: Columns}}", False),
        ("Rows: {greaterThan: {element: SeriesDescription}}", False),
        ("Modality: {equals: {element: StudyDescription}}", True),
        ("ImageType: {contains: {element: StudyDescription}}", True),
        ("Modality: {equals: {element: Manufacturer}}", False),
        ("Manufacturer: {equals: {element: Manufacturer}}", False),
        ("not: {Modality: {equals: {element: StationName}}}", True),
    ],
)
def test_a_condition_is_evaluated(condition, is_met):
    found = find_filter(f"{{reject: {{{condition}}}, reason: because}}")
    assert (found is not None) is is_met
    if is_met:
        assert (found.outcome, found.reason) == ("reject", "because")


def test_the_first_filter_whose_condition_is_met_decides():
    found = find_filter(
        "{reject: {Modality: {equals: MR}}, reason: one}",
        "{accept: {Rows: {equals: 512}}}",
        "{quarantine: {Modality: {equals: CT}}, reason: three}",
    )
    assert found.outcome == "accept"
    assert find_filter("{reject: {Modality: {equals: MR}}, reason: one}") is None


@pytest.mark.parametrize(
    "condition",
    [
        "Modality: {equals: {element: this}}",
        "Modality: {equals: {element: ./Rows}}",
        "Modality: {equals: {elements: Rows}}",
        "Modality: {equals: {element: Row}}",
        "Modality: {matches: {element: Rows}}",
        "Modality: {present: {element: Rows}}",
        "Modality: {equals: {element: {element: Rows}}}",
    ],
)
def test_other_references_are_refused(condition):
    with pytest.raises(RulesError):
        find_filter(f"{{reject: {{{condition}}}, reason: because}}")
