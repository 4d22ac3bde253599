"""Replace IDs, references and URLs of FHIR resources, so that references stay valid."""

from __future__ import annotations

import re
import uuid
from typing import Optional
from urllib.parse import urlsplit

from safelight.headers.new_values import replace_uid
from safelight.pseudonyms import Pseudonyms

#: Base URL of absolute references in the output; the name of the server identifies its owner.
OUTPUT_BASE_URL = "http://example.org/fhir"

_ID = r"[A-Za-z0-9\-.]{1,64}"
_REFERENCE = re.compile(
    rf"(?P<base>https?://[^?#\s]*?/)?(?:(?P<type>[A-Z][A-Za-z]+)/)?(?P<id>{_ID})"
    rf"(?:/_history/{_ID})?"
)


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
        ``None`` for searches (``Patient?identifier=…``) and other text.
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
    base = f"{OUTPUT_BASE_URL}/" if match["base"] else ""
    resource_type = f"{match['type']}/" if match["type"] else ""
    return f"{fragment}{base}{resource_type}{new}"


def is_standard_url(url: str, hosts: frozenset[str], urns: tuple[str, ...]) -> bool:
    """Return whether a URL or URN belongs to a standard.

    Parameters
    ----------
    url : str
    hosts : frozenset of str
        Hosts of standards.
    urns : tuple of str
        URNs of standards; those below them belong to the standard as well.
    """
    if url.startswith("urn:"):
        return any(url == urn or url.startswith((f"{urn}.", f"{urn}:")) for urn in urns)
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() in hosts
