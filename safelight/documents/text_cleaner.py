"""Clean one text of a document by the text policy; shared by CDA, PDF and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Reason, Refusal, Span
from safelight.rules.policies import TextPolicy
from safelight.text.dates.hints import NO_HINTS, DateHints
from safelight.text.known.known_phi import KnownPHI
from safelight.text.language import is_unsupported_language
from safelight.text.replacement import AppliedSpan, CleanedText, action_for, replace_spans
from safelight.text.span_merging import is_unrecorded, merge_spans


@dataclass(frozen=True)
class CleanedDocument:
    """A de-identified document and the findings in the original one."""

    data: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class TextReplacement:
    """One span of a text, the action applied to it, and its replacement."""

    span: Span
    applied: AppliedSpan
    new: str


@dataclass(frozen=True)
class TextCleaner:
    """Replace the PHI in the texts of one patient. HOLDS PHI.

    Parameters
    ----------
    known : KnownPHI
        Values known of the patient.
    policy : TextPolicy
    pseudonyms : Pseudonyms
    patient : Patient
    hints : DateHints
        Facts about the dates of the texts that a text may leave open.
    """

    known: KnownPHI
    policy: TextPolicy
    pseudonyms: Pseudonyms
    patient: Patient
    hints: DateHints = NO_HINTS

    def clean(self, text: str, spans: Sequence[Span]) -> CleanedText:
        """Replace the spans of a text by the actions of the policy.

        Parameters
        ----------
        text : str
            Original text.
        spans : sequence of Span
            Spans of all sources in the text; they may overlap.

        Returns
        -------
        CleanedText
            De-identified text and the records of its replacements.

        Raises
        ------
        Refusal
            If the policy refuses a text in a language that neither model nor rules read.
        """
        if self.policy.unsupported_language == "refuse" and is_unsupported_language(text):
            raise Refusal(
                Reason.UNSUPPORTED_LANGUAGE,
                "a text is in a language that neither the text model nor the rules read; review "
                "it, or set `unsupported_language: clean` in the rules",
            )
        return replace_spans(
            text, spans, self.policy, self.pseudonyms, self.patient, hints=self.hints
        )

    def replacements(self, text: str, spans: Sequence[Span]) -> list[TextReplacement]:
        """Return the replacements in a text, in order and without overlap.

        Parameters
        ----------
        text : str
            Original text.
        spans : sequence of Span
            Spans of all sources in the text; they may overlap.

        Returns
        -------
        list of TextReplacement
            One replacement for each merged span. HOLDS PHI if the policy keeps a span.
        """
        # ``replace_spans`` skips the same spans, so that its results match these one by one.
        merged = [
            span
            for span in merge_spans(spans, text)
            if not is_unrecorded(span, action_for(span, self.policy))
        ]
        cleaned = self.clean(text, merged)
        return [
            TextReplacement(span, applied, cleaned.text[applied.begin : applied.end])
            for span, applied in zip(merged, cleaned.applied, strict=True)
        ]

    def is_replaced(self, span: Span) -> bool:
        """Return whether the policy replaces a span."""
        return action_for(span, self.policy) != "keep"
