from __future__ import annotations

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.storage.healthimaging_uri import (
    FRAMES,
    HealthImagingUri,
    parse_healthimaging_uri,
)

STORE = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", HealthImagingUri(STORE)),
        ("/", HealthImagingUri(STORE)),
        ("?region=eu-west-1", HealthImagingUri(STORE, region="eu-west-1")),
        ("/studies/1.2", HealthImagingUri(STORE, "1.2")),
        ("/studies/1.2/series/1.3/", HealthImagingUri(STORE, "1.2", "1.3")),
        (
            f"/studies/1.2/series/1.3/instances/1.4?imageSetId={STORE}&retrieve=frames",
            HealthImagingUri(STORE, "1.2", "1.3", "1.4", retrieve=FRAMES, image_set=STORE),
        ),
        ("?Modality=CT", HealthImagingUri(STORE, matching=(("Modality", "CT"),))),
        ("/studies/a%2Fb%3F", HealthImagingUri(STORE, "a/b?")),
    ],
)
def test_a_uri_is_parsed_and_written_again(text: str, expected: HealthImagingUri) -> None:
    parsed = parse_healthimaging_uri(f"healthimaging://{STORE}{text}")
    assert parsed == expected
    assert parse_healthimaging_uri(parsed.uri) == parsed


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "short",
        f"{STORE.upper()}",
        f"{STORE}/series/1.2-JANE",
        f"{STORE}/studies",
        f"{STORE}/studies/",
        f"{STORE}/studies/1.2-JANE/instances/1.3",
        f"{STORE}/studies/1/series/2/instances/3/frames/JANE",
        f"{STORE}?PatientID=JANE",
        f"{STORE}?PatientName=JANE",
        f"{STORE}?Modality=",
        f"{STORE}?region=JANE",
        f"{STORE}?retrieve=JANE",
        f"{STORE}?imageSetId=JANE",
    ],
)
def test_a_malformed_uri_is_refused_without_its_values(rest: str) -> None:
    with pytest.raises(UsageError, match="give healthimaging://DATASTORE-ID") as raised:
        parse_healthimaging_uri(f"healthimaging://{rest}")
    assert "JANE" not in str(raised.value)


def test_a_representation_has_no_uids() -> None:
    assert "1.2" not in repr(parse_healthimaging_uri(f"healthimaging://{STORE}/studies/1.2"))
