from __future__ import annotations

from datetime import date

from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.rows import ReleasedObject, SelectedObject


def released(**attributes: str) -> ReleasedObject:
    selected = SelectedObject("r1", "s1", "default", "P", "1.2", "u", "h", "headers", 1)
    return ReleasedObject(selected, "a.dcm", "h2", 2, "2.1", "2.2", "2.3", "Q", attributes, ())


def test_values_have_the_types_of_their_columns() -> None:
    [row] = make_catalog(
        "n1",
        [released(study_date="20200102", patient_age="018M", slice_thickness="2.5", rows="512",
                  modality="CT", series_date="2020", series_number="x",
                  pixel_spacing="0.5\\0.75", sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
                  transfer_syntax_uid="1.2.840.10008.1.2.1")],
    ).to_pylist()  # fmt: skip
    assert row["study_date"] == date(2020, 1, 2)
    assert (row["patient_age_years"], row["slice_thickness"], row["rows"]) == (1.5, 2.5, 512)
    assert (row["study_day"], row["slice_thickness_mm"]) == (date(2020, 1, 2), 2.5)
    assert (row["row_spacing_mm"], row["column_spacing_mm"]) == (0.5, 0.75)
    assert (row["sop_class_name"], row["transfer_syntax_uid"], row["rules_name"]) == (
        "CT Image Storage", "1.2.840.10008.1.2.1", "",
    )  # fmt: skip
    assert row["series_date"] is row["series_number"] is None
    assert (row["patient_id"], row["modality"], row["bytes"]) == ("Q", "CT", 2)
