"""Build a data set element by element, together with the checks of each element."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from benchmarks.midi_b.answer_key import Check, CheckAction
from benchmarks.midi_b.element_paths import format_path
from benchmarks.midi_b.planting import PlantedText

#: Categories of checks that are the same for all elements of an action.
_IOD, _RETAINED, _UIDS = "dicom:IOD", "tcia:P15", "dicom:P15-BASIC-U"


class ObjectBuilder:
    """Builder of one data set, or of an item of one.

    Parameters
    ----------
    dataset : pydicom.dataset.Dataset
        Data set that gets the elements.
    checks : list of Check
        List that gets the checks.
    parent : str
        Path of the sequence; empty at the top level.
    item : int
        Number of the item.
    """

    def __init__(self, dataset: Dataset, checks: list[Check], parent: str = "", item: int = 0):
        self.dataset = dataset
        self._checks = checks
        self._parent = parent
        self._item = item

    def set(self, keyword: str, value: Any) -> str:
        """Set an element without a check, and return its path."""
        setattr(self.dataset, keyword, value)
        return format_path(self.dataset[keyword], self._parent, self._item)

    def require(self, keyword: str, value: Any) -> None:
        """Set an element that must have a value."""
        self._check(CheckAction.TEXT_NOTNULL, keyword, value, _IOD)

    def keep_tag(self, keyword: str, value: Any) -> None:
        """Set an element that must be present."""
        self._check(CheckAction.TAG_RETAINED, keyword, value, _IOD)

    def keep(self, keyword: str, value: Any) -> None:
        """Set an element whose text must be retained."""
        path = self.set(keyword, value)
        expected = str(self.dataset[keyword].value)
        self._add(CheckAction.TEXT_RETAINED, path, keyword, expected, expected, _RETAINED)

    def remove(self, keyword: str, value: Any, category: str, required: bool = False) -> None:
        """Set an element whose value must be removed; ``required`` ones must remain as tags."""
        path = self.set(keyword, value)
        for text in [value] if isinstance(value, str) else value:
            self._add(CheckAction.TEXT_REMOVED, path, keyword, text, text, f"hipaa:{category}")
        if required:
            self._add(CheckAction.TAG_RETAINED, path, keyword, str(value), "", _IOD)

    def shift(self, keyword: str, value: str) -> None:
        """Set a date that must be shifted."""
        self._check(CheckAction.DATE_SHIFTED, keyword, value, "hipaa:HIPAA-C")

    def uid(self, keyword: str, value: str) -> None:
        """Set a UID that must be replaced consistently."""
        path = self.set(keyword, value)
        self._add_uid(path, keyword, value)

    def patient_id(self, keyword: str, value: str) -> None:
        """Set a Patient ID that must be replaced consistently."""
        path = self.set(keyword, value)
        self._add(CheckAction.PATID_CONSISTENT, path, keyword, value, "", "dicom:P15-BASIC-C")
        self._add(CheckAction.TEXT_REMOVED, path, keyword, value, value, "hipaa:HIPAA-H")

    def text(self, keyword: str, planted: PlantedText) -> None:
        """Set a free text in which PHI was planted."""
        self._add_planted(self.set(keyword, planted.text), keyword, planted)

    def planted(self, keyword: str, planted: PlantedText) -> None:
        """Set a technical text in which PHI was planted; the rest of it need not be retained."""
        self._add_planted(self.set(keyword, planted.text), keyword, planted, retained=False)

    def private(
        self, group: int, creator: str, element: int, vr: str, value: Any, action: str
    ) -> None:
        """Add a private element.

        Parameters
        ----------
        group, element : int
            Group, and last byte of the element number.
        creator : str
        vr : str
        value : str, number or PlantedText
        action : str
            ``keep``, ``remove``, ``shift``, ``uid``, ``text`` (a planted text), or a category of
            HIPAA for a value that must be removed.
        """
        block = self.dataset.private_block(group, creator, create=True)
        block.add_new(element, vr, value.text if isinstance(value, PlantedText) else value)
        path = format_path(block[element], self._parent, self._item)
        name, text = f"{creator} {element:02x}", str(block[element].value)
        if action == "keep":
            self._add(CheckAction.TEXT_RETAINED, path, name, text, text, "tcia:PTKB")
        elif action == "shift":
            self._add(CheckAction.DATE_SHIFTED, path, name, text, "", "hipaa:HIPAA-C")
        elif action == "uid":
            self._add_uid(path, name, text)
        elif isinstance(value, PlantedText):
            self._add_planted(path, name, value, retained=action == "text")
        else:
            self._add(CheckAction.TEXT_REMOVED, path, name, text, text, f"hipaa:{action}")

    def nested(self, keyword: str, *fills: Callable[[ObjectBuilder], None]) -> None:
        """Set a sequence with one item per function, which fills the item."""
        path = self.set(keyword, Sequence([Dataset() for _ in fills]))
        for number, (item, fill) in enumerate(zip(getattr(self.dataset, keyword), fills)):
            fill(ObjectBuilder(item, self._checks, path, number))

    def private_sequence(
        self, group: int, creator: str, element: int, fill: Callable[[ObjectBuilder], None]
    ) -> None:
        """Add a private sequence of one item."""
        block = self.dataset.private_block(group, creator, create=True)
        item = Dataset()
        block.add_new(element, "SQ", Sequence([item]))
        path = format_path(block[element], self._parent, self._item)
        fill(ObjectBuilder(block[element].value[0], self._checks, path, 0))

    def code(self, keyword: str, value: str, scheme: str, meaning: str) -> None:
        """Set a sequence of one code, which must be retained."""

        def fill(item: ObjectBuilder) -> None:
            item.keep("CodeValue", value)
            item.keep("CodingSchemeDesignator", scheme)
            item.keep("CodeMeaning", meaning)

        self.nested(keyword, fill)

    def keep_all(self, values: Iterable[tuple[str, Any]]) -> None:
        """Set elements whose text must be retained."""
        for keyword, value in values:
            self.keep(keyword, value)

    def add_check(self, action: CheckAction, name: str, action_text: str, category: str) -> None:
        """Add a check of pixels."""
        self._add(action, "", name, "", action_text, category)

    def _check(self, action: CheckAction, keyword: str, value: Any, category: str) -> None:
        path = self.set(keyword, value)
        self._add(action, path, keyword, str(self.dataset[keyword].value), "", category)

    def _add_uid(self, path: str, name: str, value: str) -> None:
        self._add(CheckAction.UID_CHANGED, path, name, value, "", "hipaa:HIPAA-R")
        self._add(CheckAction.UID_CONSISTENT, path, name, value, "", _UIDS)

    def _add_planted(
        self, path: str, name: str, planted: PlantedText, retained: bool = True
    ) -> None:
        if retained:
            self._add(CheckAction.TEXT_RETAINED, path, name, planted.text, planted.clean, _RETAINED)
        for one in planted.planted:
            category = f"hipaa:{one.category}"
            if one.is_date:
                self._add(CheckAction.DATE_SHIFTED, path, name, one.text, "", category)
            else:
                self._add(CheckAction.TEXT_REMOVED, path, name, planted.text, one.text, category)

    def _add(
        self, action: CheckAction, path: str, name: str, value: str, text: str, category: str
    ) -> None:
        self._checks.append(Check(action, path, name, value, text, category))


def is_text_short(keyword: str) -> bool:
    """Return whether an element takes 64 characters only."""
    return dictionary_VR(keyword) in ("LO", "SH", "CS")
