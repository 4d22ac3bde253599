"""Ids, references and URLs of FHIR resources, mapped so that what referred still refers."""

from __future__ import annotations

import re
import uuid
from typing import Optional
from urllib.parse import urlsplit

from safelight.headers.new_values import replace_uid
from safelight.pseudonyms import Pseudonyms

#: Base of absolute references in the output: the server's own name identifies.
NEUTRAL_BASE = "http://example.org/fhir"

_ID = r"[A-Za-z0-9\-.]{1,64}"
_REFERENCE = re.compile(
    rf"(?P<base>https?://[^?#\s]*?/)?(?:(?P<type>[A-Z][A-Za-z]+)/)?(?P<id>{_ID})"
    rf"(?:/_history/{_ID})?"
)


def reference_id(reference: str) -> str:
    """The id that any form of a reference ends in; empty if it is none.

    ``Patient/12``, ``https://server/fhir/Patient/12/_history/3``, ``urn:uuid:12``, ``#12`` and
    ``12`` are all ``12``.
    """
    if reference.startswith(("urn:uuid:", "urn:oid:")):
        return reference.rpartition(":")[2]
    match = _REFERENCE.fullmatch(reference.removeprefix("#"))
    return match["id"] if match else ""


def map_reference(reference: str, pseudonyms: Pseudonyms) -> Optional[str]:
    """The same form of reference to the pseudonym of the same resource.

    Returns
    -------
    str or None
        ``None`` for searches (``Patient?identifier=…``) and whatever else is no reference.
    """
    if reference.startswith("urn:uuid:"):
        digest = pseudonyms.digest("fhir/uuid", reference_id(reference).lower())
        return f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}"
    if reference.startswith("urn:oid:"):
        return f"urn:oid:{replace_uid(reference_id(reference), pseudonyms)}"
    fragment = "#" if reference.startswith("#") else ""
    match = _REFERENCE.fullmatch(reference.removeprefix("#"))
    if not match:
        return None
    new = pseudonyms.token("fhir_id", match["id"])
    base = f"{NEUTRAL_BASE}/" if match["base"] else ""
    kind = f"{match['type']}/" if match["type"] else ""
    return f"{fragment}{base}{kind}{new}"


def is_public(url: str, hosts: frozenset[str], urns: tuple[str, ...]) -> bool:
    """Whether a URL or URN is of a standard, not of somebody's own."""
    if url.startswith("urn:"):
        return any(url == urn or url.startswith((f"{urn}.", f"{urn}:")) for urn in urns)
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() in hosts
