"""Replace the findings of the text model and the known values in the text of an element."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG
from safelight.dicom.encoding import MAX_CHARACTERS, NUMBER_LAYOUTS, format_tag_path
from safelight.headers.finding_filter import filter_findings
from safelight.headers.models import ChangeLog, DatasetContext
from safelight.headers.residual_phi import (
    find_known_in_code,
    is_contact_detail,
    is_manufacturer_name,
    is_small_number,
    residual_phi_refusal,
)
from safelight.headers.retained_information import Retained
from safelight.headers.text_collection import CODED_VRS, is_rechecked
from safelight.headers.text_in_bytes import is_compressed
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Span
from safelight.rules import AttributeRule, Operation, Recheck, RuleSet, TextPolicy
from safelight.rules.unlisted_attributes import is_safe_private
from safelight.standard.attribute_categories import is_product_attribute, is_shared_text
from safelight.text.dates.hints import DateHints
from safelight.text.known.known_phi import KnownPHI
from safelight.text.language import UNSUPPORTED_LANGUAGE, is_unsupported_language
from safelight.text.replacement import replace_spans

_WORD = re.compile(r"\w[\w'’.-]*")
_LETTER = re.compile(r"[^\W\d_]")
#: Letter of another script than Latin.
_OTHER_LETTER = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")


class CleanedText(NamedTuple):
    """Values of an element after the cleaning, and what was replaced in them.

    Attributes
    ----------
    values : list of str
        New values; equal to the old ones if nothing was found.
    findings : tuple of Finding
        Replaced spans.
    """

    values: list[str]
    findings: tuple[Finding, ...]


class ElementTextCleaner:
    """Cleans the texts of one patient's elements.

    Parameters
    ----------
    rules : RuleSet
        Gives the text policy.
    known : KnownPHI
        Identifying values of the object.
    patient : Patient
        Pseudonym and date shift.
    pseudonyms : Pseudonyms
        Derives tokens.
    hints : DateHints
        Facts about the dates of the object that a text may leave open.
    """

    def __init__(
        self,
        rules: RuleSet,
        known: KnownPHI,
        patient: Patient,
        pseudonyms: Pseudonyms,
        hints: DateHints,
    ):
        self._rules = rules
        self._known = known
        self._patient = patient
        self._pseudonyms = pseudonyms
        self._hints = hints
        self._shared_text_policy = _mask_dates(rules.text)

    def must_remove(
        self, tag: int, raw: bytes, rule: AttributeRule, context: DatasetContext
    ) -> bool:
        """Return whether a text must be removed completely.

        Without a text model a text cannot be cleaned. Text in an attribute of numbers is not
        valid, and neither a compressed stream nor a text in another character set than the stated
        one can be read. A contact detail alone in a safe private element is a value that its list
        does not declare.

        Parameters
        ----------
        tag : int
        raw : bytes
            Encoded values. PHI.
        rule : AttributeRule
            Rule of the element.
        context : DatasetContext
            The data set or item that holds it.
        """
        if rule.operation is Operation.CLEAN and context.spans is None:
            return True
        if VR_BY_TAG[tag] in NUMBER_LAYOUTS or is_compressed(raw):
            return True
        if is_safe_private(rule) and is_contact_detail(raw.decode("latin-1")):
            return True
        if not character_sets.is_readable(raw, context.text_encodings):
            return True
        alternative = character_sets.decode_alternative(raw, context.text_encodings)
        return bool(self._known.find(alternative))

    def clean(
        self,
        values: Sequence[str],
        tag: int,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> CleanedText | None:
        """Replace the spans of the text model and the known values in each value.

        In a kept text that is rechecked, a finding with low confidence counts only if the
        attribute does not hold technical text.

        Parameters
        ----------
        values : sequence of str
            Values of the element, decoded. PHI.
        tag : int
        vr : str
        rule : AttributeRule
            Rule of the element.
        context : DatasetContext
            The data set or item that holds it.
        log : ChangeLog
            Receives the flag ``read_text``, the retained information and findings in languages
            that the rules do not refuse.

        Returns
        -------
        CleanedText or None
            None if the text model has not annotated a value that it must annotate.

        Raises
        ------
        Refusal
            If the rules quarantine an object with a finding in a kept text.
        """
        if _is_kept_by_name(rule) and any(map(self._identifies, values)):
            log.retained |= Retained.DIRECT_IDENTIFIER.value
        location = format_tag_path(context.path, tag)
        is_technical = rule.recheck is Recheck.CONFIDENT or vr == "CS"
        is_shared = is_technical or is_shared_text(tag)
        policy = self._shared_text_policy if is_shared else self._rules.text
        new: list[str] = []
        findings: list[Finding] = []
        for value in values:
            spans = self._find_known(tag, vr, value, rule)
            if self._needs_annotation(tag, vr, value, rule, context):
                log.read_text = True
                annotated = context.spans.get(value) if context.spans is not None else None
                if annotated is None:
                    return None
                spans = _except_kept_places(value, spans, annotated, self._rules.text)
                is_product = is_technical and is_product_attribute(tag)
                spans += filter_findings(value, vr, annotated, is_technical, is_product)
            if rule.operation is Operation.CLEAN and is_unsupported_language(value):
                if self._rules.text.unsupported_language == "refuse":
                    spans = _mask_unread_text(value, spans)
                else:  # the log also has findings in values that stay unchanged
                    digest = self._pseudonyms.hexdigest("text", value)
                    log.findings.append(
                        Finding(location, UNSUPPORTED_LANGUAGE, "regex", 1.0, digest)
                    )
            if not spans:
                new.append(value)
                continue
            cleaned = replace_spans(
                value, spans, policy, self._pseudonyms, self._patient, hints=self._hints
            )
            findings += [
                Finding(location, done.entity, done.engine, done.confidence, done.text_hmac)
                for done in cleaned.applied
            ]
            # A mask is not valid in a coded string, so the whole value is removed.
            new.append("" if vr in CODED_VRS else cleaned.text[: MAX_CHARACTERS.get(vr)])
        is_kept = rule.operation is not Operation.CLEAN
        if findings and is_kept and self._rules.text.second_guess == "quarantine":
            raise residual_phi_refusal(location, findings[0].entity)
        return CleanedText(new, tuple(findings))

    def _find_known(self, tag: int, vr: str, value: str, rule: AttributeRule) -> list[Span]:
        """Return the known values in one value that count against it."""
        if not value.strip() or _is_kept_by_name(rule):
            return []
        if vr in CODED_VRS:
            spans = find_known_in_code(self._known, value)
        else:
            spans = self._known.find(value)
        if rule.operation is Operation.KEEP:
            spans = [span for span in spans if not is_small_number(value, span)]
            if is_product_attribute(tag):
                spans = [span for span in spans if not is_manufacturer_name(value, span)]
        return spans

    def _identifies(self, value: str) -> bool:
        """Return whether a value holds an identifier or a contact that another attribute has.

        A name may be that of a place, and part of a name is a coincidence.
        """
        return any(
            span.entity in ("ID", "CONTACT") and not is_small_number(value, span)
            for span in find_known_in_code(self._known, value)
        )

    def _needs_annotation(
        self, tag: int, vr: str, value: str, rule: AttributeRule, context: DatasetContext
    ) -> bool:
        """Return whether one value may be written only if the text model has annotated it."""
        if not value.strip():
            return False
        if rule.operation is not Operation.KEEP:
            return True
        return context.spans is not None and is_rechecked(self._rules, rule, tag, vr, value)


def _mask_unread_text(value: str, spans: Sequence[Span]) -> list[Span]:
    """Return spans of the runs in another script than Latin, and the spans outside them.

    The whole value is one span if it has no such run.
    """
    runs = _find_other_script(value) or [(0, len(value))]
    outside = [
        span
        for span in spans
        if not any(begin <= span.begin and span.end <= end for begin, end in runs)
    ]
    return outside + [Span(begin, end, UNSUPPORTED_LANGUAGE, "regex") for begin, end in runs]


def _find_other_script(value: str) -> list[tuple[int, int]]:
    """Return the runs of words in another script than Latin, with the numbers between them."""
    runs: list[tuple[int, int]] = []
    is_continued = False
    for match in _WORD.finditer(value):
        if _OTHER_LETTER.search(match[0]):
            begin = runs.pop()[0] if is_continued else match.start()
            runs.append((begin, match.end()))
            is_continued = True
        elif _LETTER.search(match[0]):
            is_continued = False
    return runs


def _is_kept_by_name(rule: AttributeRule) -> bool:
    """Return whether the rules file keeps an identifying attribute by name."""
    return rule.is_explicit and rule.operation is Operation.KEEP


def _except_kept_places(
    text: str, known: list[Span], annotated: Sequence[Span], policy: TextPolicy
) -> list[Span]:
    """Return known values without the places in them that the policy keeps by name.

    In an address of which the rules keep the city and the ZIP code, the rest is still replaced.
    """
    kept = [
        span for span in annotated
        if span.subtype in policy.entities and policy.entities[span.subtype] == "keep"
    ]  # fmt: skip
    if not kept:
        return known
    left: list[Span] = []
    for span in known:
        begin = span.begin
        for inner in sorted(kept, key=lambda one: one.begin) if span.entity == "LOCATION" else ():
            if inner.begin < span.end and inner.end > begin:
                left += _trim_span(text, replace(span, begin=begin, end=max(begin, inner.begin)))
                begin = inner.end
        left += _trim_span(text, replace(span, begin=min(begin, span.end)))
    return left


def _mask_dates(policy: TextPolicy) -> TextPolicy:
    """Return the policy for texts that several patients share: a date is masked, never shifted."""
    entities = dict(policy.entities)
    for name, action in policy.entities.items():
        if action == "shift":
            entities[name] = "mask"
    return replace(policy, entities=entities)


def _trim_span(text: str, span: Span) -> list[Span]:
    """Return a span without punctuation at its ends; none if it holds no letter or digit."""
    begin, end = span.begin, span.end
    while begin < end and not text[begin].isalnum():
        begin += 1
    while end > begin and not text[end - 1].isalnum():
        end -= 1
    return [replace(span, begin=begin, end=end)] if begin < end else []
