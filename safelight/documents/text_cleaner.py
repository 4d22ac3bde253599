"""What all kinds of documents share: how a text of theirs is cleaned, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Span
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI
from safelight.text.replacement import AppliedSpan, CleanedText, action_for, replace_spans
from safelight.text.span_merging import NON_IDENTIFYING_LABELS, merge_spans


@dataclass(frozen=True)
class CleanedDocument:
    """A de-identified document and what was found in the original."""

    data: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Replacement:
    """One span of a text, what was done to it, and what stands in its place."""

    span: Span
    done: AppliedSpan
    new: str


@dataclass(frozen=True)
class Cleaner:
    """Policy, key and patient, with what is known of the patient. HOLDS PHI."""

    known: KnownPHI
    policy: TextPolicy
    pseudonyms: Pseudonyms
    patient: Patient

    def clean(self, text: str, spans: Sequence[Span]) -> CleanedText:
        """Replace the spans of a text as the policy says."""
        return replace_spans(text, spans, self.policy, self.pseudonyms, self.patient)

    def replacements(self, text: str, spans: Sequence[Span]) -> list[Replacement]:
        """What the policy replaces in a text, in order and without overlap."""
        merged = [
            span
            for span in merge_spans(spans, text)
            # as in replace_spans
            if span.subtype not in NON_IDENTIFYING_LABELS or self.hides(span)
        ]
        cleaned = self.clean(text, merged)
        return [
            Replacement(span, done, cleaned.text[done.begin : done.end])
            for span, done in zip(merged, cleaned.applied, strict=True)
        ]

    def hides(self, span: Span) -> bool:
        """Whether the policy lets a span not stand as it is."""
        return action_for(span, self.policy) != "keep"
