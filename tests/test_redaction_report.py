from __future__ import annotations

from safelight.documents.stage import CleanedElements
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, Redaction
from safelight.pseudonyms import Pseudonyms
from safelight.records import Finding
from safelight.redaction_report import StageReport
from safelight.text.known.known_phi import KnownValue

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
CONTENT_SEQUENCE = 0x0040A730


def make_mask(text: str, entity: str = "NAME", **details: object) -> Mask:
    values = {"frames": None, "overlay": 0, **details}
    return Mask(
        box=Box(1, 2, 30, 10), entity=entity, engine="ner", confidence=0.9, text=text, **values
    )  # type: ignore[arg-type]


def report(*masks: Mask) -> StageReport:
    return StageReport.from_pixels(Redaction(masks=masks), PSEUDONYMS)


def test_cleared_bits_are_recorded() -> None:
    actions = StageReport.from_pixels(Redaction(cleared_bits=0xC000), PSEUDONYMS).actions
    assert [(a.location, a.action, a.detail) for a in actions] == [
        ("pixels", "cleared", "unused bits 14, 15 of all words")
    ]


def test_changed_bytes_that_no_reader_displays_are_recorded() -> None:
    redaction = Redaction(cleared_bytes=12, frames_with_metadata=2, has_new_offsets=True)
    actions = StageReport.from_pixels(redaction, PSEUDONYMS).actions
    assert [(a.location, a.action, a.detail) for a in actions] == [
        ("pixels", "cleared", "12 bytes after the last frame"),
        ("pixels", "removed", "metadata of the codestreams of 2 frames"),
        ("pixels", "removed", "offset tables written again"),
    ]


def test_unchanged_pixels_have_no_rows() -> None:
    empty = StageReport.from_pixels(Redaction(), PSEUDONYMS)
    assert (empty.actions, empty.findings, empty.known) == ((), (), ())


def test_mask_in_all_frames_is_one_finding_without_frame() -> None:
    [finding] = report(make_mask("OCKHAM")).findings
    assert (finding.location, finding.frame, finding.box) == ("pixels", None, (1, 2, 30, 10))


def test_mask_in_some_frames_is_a_finding_of_each_frame() -> None:
    findings = report(make_mask("OCKHAM", frames=(0, 3))).findings
    assert [finding.frame for finding in findings] == [0, 3]


def test_finding_has_keyed_hash_and_no_text() -> None:
    [finding] = report(make_mask("OCKHAM")).findings
    assert finding.text_hmac == PSEUDONYMS.hexdigest("text", "OCKHAM")
    assert "OCKHAM" not in repr(finding)


def test_masks_are_counted_by_frame_and_by_overlay() -> None:
    masks = (
        make_mask("OCKHAM", frames=(0, 1)),
        make_mask("ADA", frames=(1,)),
        make_mask("GRACE", overlay=0x6002),
        make_mask("1961"),
    )
    assert [(a.location, a.keyword, a.detail) for a in report(*masks).actions] == [
        ("pixels[0]", "PixelData", "1 regions"),
        ("pixels[1]", "PixelData", "2 regions"),
        ("(6002,3000)", "OverlayData", "1 regions"),
        ("pixels[*]", "PixelData", "1 regions"),
    ]


def test_names_and_numbers_in_pixels_are_known_values_of_the_header() -> None:
    masks = make_mask("OCKHAM"), make_mask("A-1", "ID"), make_mask("Northfield", "LOCATION")
    assert report(*masks).known == (KnownValue("NAME", "OCKHAM"),)


def test_cleaned_document_is_recorded_with_the_number_of_findings() -> None:
    finding = Finding("(0040,A730)", "NAME", "ner", 0.9, "00")
    known = (KnownValue("NAME", "OCKHAM"),)
    cleaned = CleanedElements({CONTENT_SEQUENCE: ("SQ", b"")}, (finding,))
    result = StageReport.from_document(cleaned, known)
    [action] = result.actions
    assert (action.location, action.keyword) == ("(0040,A730)", "ContentSequence")
    assert (action.action, action.detail) == ("cleaned", "1 findings")
    assert (result.findings, result.known) == ((finding,), known)


def test_new_elements_of_a_document_replace_the_original() -> None:
    cleaned = CleanedElements({CONTENT_SEQUENCE: ("SQ", b"new")})
    replacement = StageReport.from_document(cleaned, ()).replacement
    assert replacement.elements == {CONTENT_SEQUENCE: ("SQ", b"new")}
