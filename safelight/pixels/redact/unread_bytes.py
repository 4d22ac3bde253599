"""Remove bytes of pixel data that no reader displays from an object whose pixels are not read."""

from __future__ import annotations

from safelight.dicom.parser import ParsedObject
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.models import Redaction
from safelight.pixels.redact.redactor import redact_frames


def remove_unread_bytes(parsed: ParsedObject) -> Redaction:
    """Return pixel data without metadata of codestreams, and with true offsets.

    Bytes after the last native frame become zero. Nothing is decoded or masked.

    Parameters
    ----------
    parsed : ParsedObject
        An object with pixel data.

    Returns
    -------
    Redaction

    Raises
    ------
    Refusal
        MALFORMED, TRUNCATED or UNDECODABLE_PIXELS if the pixel data cannot be divided into frames.
    """
    redacted = redact_frames(FrameSource(parsed), {})
    return Redaction(
        redacted.elements,
        redacted.transfer_syntax,
        cleared_bytes=redacted.cleared_bytes,
        frames_with_metadata=redacted.frames_with_metadata,
        has_new_offsets=redacted.has_new_offsets,
    )
