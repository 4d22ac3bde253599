"""Read values of a new object that other new values are composed of."""

from __future__ import annotations

from safelight.dicom.parser import ParsedObject
from safelight.headers.conditional_elements import choose_rule
from safelight.headers.dataset_writer import DatasetWriter
from safelight.headers.item_additions import read_nested_value
from safelight.headers.models import ChangeLog, DatasetContext, PrivateCreator
from safelight.headers.object_values import decode_element
from safelight.rules import Operation
from safelight.rules.attributes import get_vr
from safelight.rules.references import parse_reference


class NewValueReader:
    """Reader of single values of a new object before it is written. HOLDS PHI.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    context : DatasetContext
        Its top level.
    writer : DatasetWriter
        Writer of the data sets of this patient.
    inserted : dict of int to bytes
        Encoded elements by tag that replace elements of the source object.
    """

    def __init__(
        self,
        parsed: ParsedObject,
        context: DatasetContext,
        writer: DatasetWriter,
        inserted: dict[int, bytes],
    ):
        self.context = context
        self._parsed = parsed
        self._writer = writer
        self._inserted = inserted
        self._sequences_being_read: set[int] = set()

    def read(self, reference: str) -> str:
        """Return the value of the standard attribute that a reference names.

        A path names the first value in the items of its sequences. It is empty while the same
        sequence is written, so that values cannot refer to each other in a circle.
        """
        steps = [step.tag or 0 for step in parse_reference(reference).steps]
        if len(steps) == 1:
            return self.read_tag(steps[0])
        if steps[0] in self._sequences_being_read:
            return ""
        context = self.context
        self._sequences_being_read.add(steps[0])
        encoded = self.encode_tag(steps[0], ChangeLog())
        self._sequences_being_read.remove(steps[0])
        return read_nested_value(encoded, steps, context.encoding, context.text_encodings)

    def read_tag(self, tag: int) -> str:
        """Return the value of a top-level attribute in the new object; empty if it has none.

        An attribute whose own value is composed counts as empty, so that values cannot refer to
        each other in a circle.
        """
        encoded = self.encode_tag(tag, ChangeLog())
        return decode_element(encoded, self.context.encoding, self.context.text_encodings)

    def read_private(self, tag: int) -> str:
        """Return the value of a private element at the top level of the new object.

        Parameters
        ----------
        tag : int
            Tag with the block number of the object.
        """
        context, log = self.context, ChangeLog()
        pieces: list[bytes | memoryview] = []
        creators: dict[int, PrivateCreator] = {}
        owner = self._parsed.find(tag & 0xFFFF0000 | (tag & 0xFFFF) >> 8)
        for element in filter(None, (owner, self._parsed.find(tag))):
            self._writer.private_writer.write(element, context, creators, pieces, log)
        encoded = bytes(pieces[-1]) if len(pieces) > 1 else b""
        return decode_element(encoded, context.encoding, context.text_encodings)

    def encode_own(self, tag: int) -> bytes:
        """Return a top-level element of the source object; empty bytes if it has none."""
        element = self._parsed.find(tag)
        return self.context.data[element.start : element.stop] if element else b""

    def encode_tag(self, tag: int, log: ChangeLog) -> bytes:
        """Return a top-level element of the new object; empty bytes if it has none.

        Parameters
        ----------
        tag : int
        log : ChangeLog
            Receives the rows of the edit.
        """
        context, element = self.context, self._parsed.find(tag)
        encoded = self._inserted.get(tag)
        if encoded is not None or element is None:
            return encoded or b""
        rule = context.level.rules[tag]
        if rule.operation is Operation.CONDITIONAL:
            rule = choose_rule(element, get_vr(tag), rule, context)
        if rule.operation is Operation.TEXT:
            return b""
        edit = self._writer.edit_standard(element, rule, context, log)
        if edit is None:
            return context.data[element.start : element.stop]
        log.add(edit)
        return edit.data
