"""Surnames that stand for a disease, a sign, a score or a device."""

from __future__ import annotations

import re

from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.phrases import (
    abbreviations,
    disease_eponyms,
    eponyms,
    known_phrases,
    normalize_phrase,
    sign_eponyms,
    tokenize,
)
from safelight.text.lexicon.words import (
    everyday_words,
    imaging_words,
    is_frequent_name,
    is_never_a_name,
)

#: What follows an eponym, and what follows one even where no list knows it.
_EPONYM_AFTER = re.compile(
    r"[ ]?[(]?[ ]?(?:neg|pos|\+|-(?!\w)|\d(?!\d?[A-Z]\b)|absent|present|normal|equivocal|down|up\b|"
    r"intact|[cn]/[wa]\b|"
    r"[IV]+\b|[AB]\b|"
    r"signs?|test|score|scale|grade|class|type|stage|level|criteria|views?|project|stain|tube|drain|"
    r"clamp|catheter|retractor|forceps|pins?|wires?|rods?|nail|plate|screws?|valve|stent|graft|mesh|"
    r"repair|procedure|technique|approach|incision|line|node|cyst|hernia|fracture|tumou?r|lymphoma|"
    r"sarcoma|disease|syndrome|palsy|reflex|maneuver|phenomenon|ligament|fascia|duct|pouch|"
    r"lift|collar|pump|hose|stockings?|boot|brace|sling|splint|walker|"
    r"central|lateral|in place|in situ|removed|placed|out\b|care|bag|d/?c)",
    re.I,
)
_SURE_AFTER = re.compile(
    r"(?:['’]s)? (?:disease|syndrome|signs?\b|palsy|tumou?r|lymphoma|sarcoma|fracture|hernia|cyst|"
    r"catheter|drain|retractor|clamp|stain|reflex|maneuver|phenomenon|classification|criteria|"
    r"ligament|views?\b|valve\b|score\b|grade\b|"
    r"lift\b|collar\b|splint\b|sling\b|stockings\b|"
    r"scale\b|index\b|triad\b|inventory\b|questionnaire\b|formula\b|equation\b|"
    r"nomogram\b|staging\b|tetralogy\b|anastomosis\b|osteotomy\b|shunt\b)",
    re.I,
)
#: What goes on with an eponym that a list knows, but with the name of a patient as well.
_KNOWN_AFTER = re.compile(
    r"(?:-[^\W\d_]+)?(?:['’]s?)? (?:granulomatosis|thyroiditis|encephalopathy|purpura|chorea|"
    r"ataxia|dystrophy|gangrene|angina|contracture|arteritis|vasculitis|diverticul\w+|crisis|an(?:a)?emia|"
    r"malformation|anomaly|deformity|nodules?|spots?|rings?|bodies|cells?|corpuscles?|patch(?:es)?|"
    r"membrane|stones?|law|principle|effect|solution|sol'?n|powder|area|canal|glands?|crypts?|"
    r"fib(?:er|re)s?|angle|triangle|space|fossa|tubercle|ganglion|capsule|muscle|ring|valves?|loop|flap|graft|"
    r"operation|procedure|repair|suture|knife|scissors|needle|cannula|speculum|frame|traction|bed|bar|brace|pump|"
    r"position|man(?:o)?euver|sign|test|reaction|murmur|pulse|breathing|respirations?|gait|"
    r"regimen|diet|agar|antigen|virus|block|rhythm|waves?|phase|lesions?|sarcoma|lymphoma|"
    r"protocol|neg(?:ative)?|tend(?:o|i)n\w*|workup|work-up|pupils?|hump|crunch|myotomy|paralysis|neuroma)\b",
    re.I,
)
#: A score or a rule some words on: ``Hamilton rating scale``, ``Ottawa ankle rules``.
_SCORED = re.compile(
    r"(?: (?!(?:pain|sleep|stress|glucose|last|latest|current|new|high|low|her|his|the|has|had|was|"
    r"for|and|with|wants?|needs?|about|from|what|when|why|how|said|asked|get|got)\b)"
    r"[a-z]{3,14}){1,2} (?:scale|score|rules?|index|inventory|criteria|classification|protocol|"
    r"questionnaire|staging|definition)\b|"
    r" [A-Z][a-z]+ (?:Scale|Score|Rules?|Index|Inventory|Criteria|Classification|Protocol|"
    r"Questionnaire|Study)\b"
)
#: How doctors of a town have graded, and what else is called after a place: ``India ink``.
_AFTER_PLACE = re.compile(
    r"(?: [IV]+)? (?:grad(?:e|ing)|class(?:ification)?|criteria|system|score|definition|consensus|"
    r"guidelines?|staging|protocol|heart study|stage|category|terminology|equation|rules|ink|"
    r"brace)\b",
    re.I,
)
#: ``Montreal A2L3B2``.
_LETTERS_AFTER = re.compile(r" (?:[A-Z]\d[a-z]?){2,4}\b")
_FEVER = re.compile(r" (?:virus|flu|fever|encephalitis|equine)\b", re.I)
_FROM = re.compile(r"\b(?:from|in|to|at|near) \Z", re.I)
#: What such a grade is in brackets: ``(Ottawa neg)``, ``(Berlin severe)``.
_FINDING = re.compile(r" (?:neg(?:ative)?|pos(?:itive)?|mild|moderate|severe|normal|\+)\b", re.I)
#: What is named after somebody by ``of``: ``circle of Willis``.
_PART_OF = re.compile(
    r"\b(?:circle|loop|bundle|islets?|pouch|ligaments?|foram(?:en|ina)|canal|crypts?|glands?|"
    r"sphincter|ampulla|duct|tubercle|fascia|triangle|angle|nodes?|islands?|nucleus|fissure|aqueduct|"
    r"sinus|space|papilla|plexus|tetralogy|triad|node|hiatus|valves?|trigone|"
    r"antrum|organ|gland|membrane|fib(?:er|re)s|zones?|cave|corpuscles?|tract|cistern|lines?) of "
    r"(?:the )?\Z",
    re.I,
)
#: A stage that a guess took for an initial: ``CHIARI I.``
_STAGE = re.compile(r" (?:I{1,3}|IV|V)\.?\Z")
#: The neighbours of an eponym in a list: ``Waters, Caldwell and lateral``.
_LISTED = re.compile(r",? (?:and |or )?([^\W\d_]+(?:-[^\W\d_]+)?)")
_LISTED_BEFORE = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?),? (?:and |or )?\Z")
_VIEWS = frozenset(("lateral", "pa", "ap", "oblique", "axial", "frontal", "tip"))


def is_eponym(text: str, begin: int, end: int) -> bool:
    """A surname that stands for a sign or a device, as what follows tells."""
    value = _STAGE.sub("", text[begin:end])
    end = begin + len(value)
    parts = [normalize_phrase(part) for part in re.split(r", |/| and ", value)]
    named = all(part in eponyms() for part in parts)
    # of those that doctors say without a noun, and of those that hardly anybody bears
    known = all(part in sign_eponyms() or (named and part in known_phrases()) for part in parts)
    behind = text[end : end + 24]
    if _PART_OF.search(text[max(0, begin - 20) : begin]):
        return True
    if known:
        listed = _LISTED.match(text, end)
        if len(parts) > 1 or (listed and normalize_phrase(listed[1]) in sign_eponyms() | _VIEWS):
            return True
        before = _LISTED_BEFORE.search(text[max(0, begin - 28) : begin])
        if before and normalize_phrase(before[1]) in sign_eponyms():
            return True
        opened = text[max(0, begin - 1) : begin] == "(" and behind.startswith(")")
        if opened or _EPONYM_AFTER.match(behind):
            return True
    if named and _KNOWN_AFTER.match(text, end) and not any(map(is_frequent_name, tokenize(value))):
        return True
    if " " in value or not value[:1].isupper():
        return False
    return bool(_SURE_AFTER.match(behind) or (named and precedes_score(text, end)))


def precedes_score(text: str, end: int) -> bool:
    """Whether a score, a rule or a trial is named some words on: ``Boston bowel prep score``."""
    return _SCORED.match(text, end) is not None


def is_classification(text: str, begin: int, end: int) -> bool:
    """Whether a place stands for a grade or a score: ``Ottawa ankle rules``, ``(Berlin mild)``."""
    if (
        _AFTER_PLACE.match(text, end)
        or _LETTERS_AFTER.match(text, end)
        or precedes_score(text, end)
    ):
        return True
    if _FEVER.match(text, end) and not _FROM.search(text[max(0, begin - 8) : begin]):
        return True
    return text[max(0, begin - 1) : begin] == "(" and _FINDING.match(text, end) is not None


def is_eponym_in_title(text: str, begin: int, end: int) -> bool:
    """An eponym among terms of imaging alone, as in a description: ``SINUS WATERS``.

    Alone it counts where the list of phrases has it, which leaves out frequent surnames.
    """
    value = normalize_phrase(text[begin:end])
    if len(text) > DESCRIPTION_MAX_CHARACTERS or value not in sign_eponyms() | disease_eponyms():
        return False
    around = text[:begin] + " " + text[end:]
    others = tokenize(around)
    return bool(others) and all(
        word in imaging_words()
        or word in known_phrases()
        or word.upper() in abbreviations()
        or (word in everyday_words() and is_never_a_name(word))
        for word in others
    )


def is_eponym_with_number(text: str, begin: int, end: int) -> bool:
    """A guessed place such as ``Hamilton 22``: an eponym and its score."""
    name = re.sub(r"[\W\d_]+\Z", "", text[begin:end])
    return normalize_phrase(name) in sign_eponyms() and bool(
        _EPONYM_AFTER.match(text, begin + len(name))
    )


def is_known_eponym(text: str, begin: int, end: int) -> bool:
    """A guessed place that the list of eponyms has: ``Rockwood clinical frailty scale``."""
    begin = max(begin, text.rfind(" ", begin, end) + 1)
    if _PART_OF.search(text[max(0, begin - 20) : begin]):
        return True
    return normalize_phrase(text[begin:end]) in eponyms() and is_eponym(text, begin, end)
