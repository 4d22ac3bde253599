"""Names that the FHIR standard defines; the sender chooses none of them."""

from __future__ import annotations

from functools import cache
from importlib import resources

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.plain_words import is_plain_word
from safelight.text.lexicon.words import dictionary, is_known_name, unambiguous_surnames

_MIN_PART_LETTERS = 4
_MAX_WORD_LETTERS = 40

#: MIME types of attachments that are kept.
MEDIA_TYPES = frozenset(
    "application/dicom application/fhir+json application/fhir+xml application/hl7-cda+xml "
    "application/hl7-v2 application/json application/msword application/octet-stream "
    "application/pdf application/rtf application/xhtml+xml application/xml application/zip "
    "audio/mpeg audio/wav image/bmp image/gif image/jpeg image/png image/tiff text/cda+xml "
    "text/csv text/html text/markdown text/plain text/richtext text/rtf text/x-hl7-ft "
    "text/x-hl7-text+xml text/xml video/mp4 video/mpeg".split()
)


def _read_names(name: str) -> frozenset[str]:
    text = (resources.files("safelight.notes.fhir") / f"{name}.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


@cache
def element_names() -> frozenset[str]:
    """Return the names of the elements of all resources and data types."""
    return _read_names("element_names")


@cache
def resource_types() -> frozenset[str]:
    """Return the types of resources."""
    return _read_names("resource_types")


@cache
def _lower_case_names() -> frozenset[str]:
    return frozenset(name.lower() for name in element_names() | resource_types())


def standard_media_type(content_type: str) -> str:
    """Return the MIME type of an attachment without parameters; empty if it is not listed.

    Parameters
    ----------
    content_type : str
        MIME type as the sender states it.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type if media_type in MEDIA_TYPES else ""


def is_standard_word(word: str) -> bool:
    """Return whether a word can be part of the path of a URL of the standard.

    Paths are written in lower case, as in ``claimcareteamrole``: a word may have two to four
    dictionary words that are not names.
    """
    token = fold_text(word)
    if is_plain_word(token) or token in _lower_case_names():
        return True
    if len(token) > _MAX_WORD_LETTERS:
        return False
    return token not in unambiguous_surnames() and _is_compound(token, 4)


def _is_compound(token: str, most_parts: int) -> bool:
    if token in dictionary() and not is_known_name(token):
        return True
    if most_parts < 2:
        return False
    return any(
        _is_compound(token[:end], 1) and _is_compound(token[end:], most_parts - 1)
        for end in range(_MIN_PART_LETTERS, len(token) - _MIN_PART_LETTERS + 1)
    )
