"""Split HTML or XHTML into tags and text in linear time.

:class:`html.parser.HTMLParser` searches the rest of the document once for each construct that is
not closed, so that its time grows with the square of the size. Here such a construct ends the
markup: what follows it is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal, Optional

from safelight.records import Reason, Refusal

_TAG_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9:._-]{0,63})(?=[\s/>])")
_QUOTE_OR_END = re.compile("[>\"']")
#: Elements whose content is not markup.
_RAW_TEXT_ENDS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")
}
#: Constructs that are removed, by their beginning and their end.
_REMOVED_CONSTRUCTS = (("<!--", "-->"), ("<?", ">"), ("<!", ">"))
_CDATA_START, _CDATA_END = "<![CDATA[", "]]>"


@dataclass(frozen=True)
class MarkupToken:
    """A tag or a text. HOLDS PHI.

    Attributes
    ----------
    kind : str
        ``start``, ``end``, ``empty`` (``<br/>``) or ``text``.
    name : str
        Name of the element in lower case; empty for a text.
    text : str
        The text without character references, or the attributes of a tag as they are written.
    """

    kind: Literal["start", "end", "empty", "text"]
    name: str = ""
    text: str = ""


def scan_markup(markup: str) -> Iterator[MarkupToken]:
    """Yield the tags and the texts of a document in order.

    Comments, declarations, processing instructions and the content of scripts and style sheets
    are skipped. A ``<`` that starts no tag is text.

    Parameters
    ----------
    markup : str
        HTML or XHTML.

    Raises
    ------
    Refusal
        If a character reference has thousands of digits.
    """
    position = begin = 0
    while (start := markup.find("<", position)) >= 0:
        found = _construct(markup, start)
        if found is None:
            position = start + 1
            continue
        token, end = found
        if end < 0:  # it is not closed: neither is any other construct after it
            break
        if start > begin:
            yield MarkupToken("text", text=_resolve(markup[begin:start]))
        if token is not None:
            yield token
        position = begin = _end_of_raw_text(markup, token, end)
    if begin < len(markup):
        yield MarkupToken("text", text=_resolve(markup[begin:]))


def _construct(markup: str, start: int) -> Optional[tuple[Optional[MarkupToken], int]]:
    """Return the token of the construct at a ``<`` and its end.

    The token is ``None`` if the construct is removed, and the end is -1 if it is not closed. The
    result is ``None`` if the ``<`` starts no construct.
    """
    if markup.startswith(_CDATA_START, start):
        begin = start + len(_CDATA_START)
        end = markup.find(_CDATA_END, begin)
        return MarkupToken("text", text=markup[begin:end]), end + len(
            _CDATA_END
        ) if end >= 0 else -1
    for opening, closing in _REMOVED_CONSTRUCTS:
        if markup.startswith(opening, start):
            end = markup.find(closing, start + len(opening))
            return None, end + len(closing) if end >= 0 else -1
    name = _TAG_NAME.match(markup, start)
    if name is None:
        return None
    end = _end_of_tag(markup, name.end())
    if end < 0:
        return MarkupToken("text"), -1
    attributes = markup[name.end() : end - 1]
    is_end = markup.startswith("</", start)
    kind: Literal["start", "end", "empty"] = "end" if is_end else "start"
    if kind == "start" and attributes.endswith("/"):
        kind = "empty"
    return MarkupToken(kind, name[1].lower(), attributes), end


def _end_of_tag(markup: str, position: int) -> int:
    """Return the index after the ``>`` that is not in quotes; -1 if there is none."""
    while found := _QUOTE_OR_END.search(markup, position):
        if found[0] == ">":
            return found.end()
        position = markup.find(found[0], found.end()) + 1
        if not position:
            return -1
    return -1


def _end_of_raw_text(markup: str, token: Optional[MarkupToken], end: int) -> int:
    """Return the index at which markup continues after a tag."""
    if token is None or token.kind != "start" or token.name not in _RAW_TEXT_ENDS:
        return end
    closing = _RAW_TEXT_ENDS[token.name].search(markup, end)
    return closing.start() if closing else len(markup)


def _resolve(text: str) -> str:
    """Return a text without character references."""
    try:
        return unescape(text)
    except ValueError:  # Python does not convert so many digits
        raise Refusal(
            Reason.MALFORMED_ROW, "a character reference has too many digits; correct the markup"
        ) from None
