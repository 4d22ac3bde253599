"""Replace IDs, references and URLs of FHIR resources, so that references stay valid."""

from __future__ import annotations

import re
import uuid
from typing import Optional
from urllib.parse import urlsplit

from safelight.headers.new_values import replace_uid
from safelight.notes.fhir.standard_names import is_standard_word, resource_types
from safelight.pseudonyms import Pseudonyms

#: Base URL of absolute references in the output; the name of the server identifies its owner.
OUTPUT_BASE_URL = "http://example.org/fhir"

_ID = r"[A-Za-z0-9\-.]{1,64}"
_REFERENCE = re.compile(
    rf"(?P<base>https?://[^?#\s]*?/)?(?:(?P<type>[A-Z][A-Za-z]+)/)?(?P<id>{_ID})"
    rf"(?:/_history/{_ID})?"
)

_MAX_URL_CHARACTERS = 200
_URL_WORDS = re.compile(r"[^\W_]+")
_WORD_BOUNDARIES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
#: Rest of a URN after that of a standard: short arcs or numbers of parts.
_URN_END = re.compile(r"(?:[.:-]{1,2}[0-9]{1,5}){0,4}")


def reference_id(reference: str) -> str:
    """Return the ID at the end of a reference of any form; empty for other text.

    ``Patient/12``, ``https://server/fhir/Patient/12/_history/3``, ``urn:uuid:12``, ``#12`` and
    ``12`` all refer to ``12``.
    """
    if reference.startswith(("urn:uuid:", "urn:oid:")):
        return reference.rpartition(":")[2]
    match = _REFERENCE.fullmatch(reference.removeprefix("#"))
    return match["id"] if match else ""


def map_reference(reference: str, pseudonyms: Pseudonyms) -> Optional[str]:
    """Return a reference of the same form to the pseudonym of the same resource.

    Parameters
    ----------
    reference : str
    pseudonyms : Pseudonyms

    Returns
    -------
    str or None
        ``None`` for searches (``Patient?identifier=…``), unknown types and other text.
    """
    if reference.startswith("urn:uuid:"):
        digest = pseudonyms.digest("fhir/uuid", reference_id(reference).lower())
        return f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}"
    if reference.startswith("urn:oid:"):
        return f"urn:oid:{replace_uid(reference_id(reference), pseudonyms)}"
    fragment = "#" if reference.startswith("#") else ""
    match = _REFERENCE.fullmatch(reference.removeprefix("#"))
    if not match or (match["type"] and match["type"] not in resource_types()):
        return None
    new = pseudonyms.token("fhir_id", match["id"])
    base = f"{OUTPUT_BASE_URL}/" if match["base"] else ""
    resource_type = f"{match['type']}/" if match["type"] else ""
    return f"{fragment}{base}{resource_type}{new}"


def is_standard_url(url: str, hosts: frozenset[str], urns: tuple[str, ...]) -> bool:
    """Return whether a URL or URN belongs to a standard.

    The host alone does not decide: the sender chooses the path. Each of its words must be one of
    the standard or of a dictionary.

    Parameters
    ----------
    url : str
    hosts : frozenset of str
        Hosts of standards.
    urns : tuple of str
        URNs of standards; those below them belong to the standard as well.
    """
    if url.startswith("urn:"):
        return any(url.startswith(urn) and _URN_END.fullmatch(url, len(urn)) for urn in urns)
    if len(url) > _MAX_URL_CHARACTERS:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_public = parts.scheme in ("http", "https") and parts.netloc.lower() in hosts
    words = _URL_WORDS.findall(_WORD_BOUNDARIES.sub(" ", f"{parts.path} {parts.fragment}"))
    return is_public and not parts.query and all(map(is_standard_word, words))
