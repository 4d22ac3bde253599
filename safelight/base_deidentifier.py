"""What every de-identifier is made with: rules, a key, and perhaps a text model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Optional

from safelight.pseudonyms import Pseudonyms
from safelight.records import Annotate, Span
from safelight.rules import RuleSet, load_rules


class BaseDeidentifier:
    """Rules, pseudonyms and text model of a de-identifier, of images or of notes.

    Parameters
    ----------
    rules : str or RuleSet
        Name of a shipped rule set, path of a rules file, or one that is loaded.
    key : bytes
        Master key of at least 32 bytes; with the same key and namespace a patient has the same
        pseudonym and date shift in images and in notes.
    namespace : str
        Project or recipient; pseudonyms of two namespaces cannot be linked.
    text : bool
        Whether free text is cleaned; if not, it is removed whole.
    annotate : callable, optional
        Text model: texts in, for each its spans out. Without one, and without spans given to
        ``rebuild``, free text that the rules want cleaned is removed whole.

    Raises
    ------
    RulesError
        If the rules cannot be read.
    ValueError
        If the key is too short.
    """

    def __init__(
        self,
        rules: str | RuleSet = "research",
        *,
        key: bytes,
        namespace: str = "default",
        text: bool = True,
        annotate: Optional[Annotate] = None,
    ):
        self.rules = load_rules(rules) if isinstance(rules, str) else rules
        self.pseudonyms = Pseudonyms(
            key, namespace, self.rules.shift_range, self.rules.patient_prefix
        )
        self.text = text
        self.annotate = annotate

    def annotated(self, texts: Collection[str]) -> dict[str, Sequence[Span]] | None:
        """The spans of each text; ``None`` if text is not cleaned, or there is no model."""
        if not self.text or self.annotate is None:
            return None
        ordered = sorted(texts)
        return dict(zip(ordered, self.annotate(ordered), strict=True)) if ordered else {}
