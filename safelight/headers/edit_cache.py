"""Cache the edits of elements, because most elements of a series have the same values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

from safelight.headers.models import ChangeLog, ElementEdit
from safelight.headers.retained_information import RetainedBits

#: Edits of elements that are longer than this are not cached.
CACHED_ELEMENT_MAX_BYTES = 16 << 10
#: The cache is cleared when it has this many entries, or elements and edits of this many bytes.
CACHE_MAX_ENTRIES = 50_000
CACHE_MAX_BYTES = 16 << 20

#: Edit of an element, None if its bytes are kept, and what the new element still says.
CachedEdit: TypeAlias = tuple[ElementEdit | None, RetainedBits]


class EditCache(dict[Hashable, CachedEdit]):
    """Edits by the bytes of top-level elements, for objects of one patient, level and encoding."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0

    def store(self, key: Hashable, size: int, cached: CachedEdit, log: ChangeLog) -> None:
        """Add an edit, unless it depends on more than the bytes of its element.

        Parameters
        ----------
        key : hashable
            The bytes of the element, and what its edit depends on.
        size : int
            Length of the element in bytes.
        cached : tuple of ElementEdit or None, and RetainedBits
        log : ChangeLog
            Flags and findings of this edit alone. The edit of a cleaned text depends on its spans.
        """
        if log.has_flags or log.findings:
            return
        if len(self) >= CACHE_MAX_ENTRIES or self._bytes >= CACHE_MAX_BYTES:
            self.clear()
            self._bytes = 0
        self._bytes += size if cached[0] is None else size + len(cached[0].data)
        self[key] = cached
