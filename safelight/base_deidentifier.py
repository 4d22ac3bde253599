"""Base class of the de-identifiers of images and of notes: rules, key and text model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from safelight.pseudonyms import Pseudonyms
from safelight.records import Annotate, Span
from safelight.rules import RuleSet, load_rules


class BaseDeidentifier:
    """Rules, pseudonyms and text model of a de-identifier.

    Threads may share a de-identifier, and it can be pickled for the workers of Spark. A pickle
    HOLDS THE KEY.

    Parameters
    ----------
    rules : str, Path or RuleSet
        Name of a shipped rule set, path of a rules file, or a rule set that is already loaded.
    key : bytes
        Master key of at least 32 random bytes. With the same key and namespace, a patient has the
        same pseudonym and the same date shift in images and in notes.
    namespace : str
        Project or recipient. Pseudonyms of different namespaces cannot be linked.
    text : bool
        True to clean free text; false to remove it completely.
    annotate : Annotate, optional
        Text model: takes texts and returns the spans of each text. Without a model, and without
        spans passed to ``rebuild``, free text that the rules clean is removed completely.

    Raises
    ------
    RulesError
        If the rules cannot be read.
    TypeError
        If the key is not bytes.
    ValueError
        If the key is too short.
    """

    def __init__(
        self,
        rules: str | Path | RuleSet = "research",
        *,
        key: bytes,
        namespace: str = "default",
        text: bool = True,
        annotate: Optional[Annotate] = None,
    ):
        self.rules = load_rules(rules)
        self._arguments: dict[str, object] = {
            "rules": self.rules,
            "key": key,
            "namespace": namespace,
            "text": text,
            "annotate": annotate,
        }
        self.pseudonyms = Pseudonyms(
            key,
            namespace,
            self.rules.shift_range,
            self.rules.patient_prefix,
            self.rules.uid_root,
        )
        self.text = text
        self.annotate = annotate

    def __reduce__(self) -> tuple[object, ...]:
        """Return how to make an equal de-identifier in another process; its caches are left out."""
        return _make, (type(self), self._arguments)

    def annotate_texts(self, texts: Collection[str]) -> dict[str, Sequence[Span]] | None:
        """Return the spans of each text.

        Parameters
        ----------
        texts : collection of str
            Distinct texts. PHI.

        Returns
        -------
        dict of str to sequence of Span, or None
            None without a text model or with ``text`` off.

        Raises
        ------
        ValueError
            If the text model does not return one result for each text.
        """
        if not self.text or self.annotate is None:
            return None
        ordered = sorted(texts)
        return dict(zip(ordered, self.annotate(ordered), strict=True)) if ordered else {}


def _make(kind: type[BaseDeidentifier], arguments: Mapping[str, Any]) -> BaseDeidentifier:
    """Return a de-identifier of this class."""
    return kind(**arguments)
