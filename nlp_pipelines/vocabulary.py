"""The allow list: what an unsupported guess of the model must not hide.

It only ever rules out what the model alone has guessed; keys, rules, gazetteers and known
values of the patient are not held against it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from safelight.text.fold import fold_text
from safelight.text.words import (
    everyday_words,
    given_names,
    is_word,
    nobody_bears,
    surnames_that_are_words,
    word_set,
)

_WORDS = re.compile(r"[^\W\d_]+")
_TITLE = re.compile(
    r"(?:\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|dear|hi|hello|nurse)\b[.:,]?|"
    r"\b(?:read|seen|signed|dictated|performed|reported|referred|reviewed|ordered) by:?|"
    r"\b(?:name|patient|pt|md|cc|to|by)[:=]|\^)\s{0,3}\Z",
    re.I,
)
_ZIP_AFTER = re.compile(r",?\s{1,2}\d{5}")
_CAPITAL = re.compile(r"[A-Z]")
_IN = re.compile(r"\b(?:in|from|at|of|near|to|city)\s\Z", re.I)
#: What follows an eponym, and what follows one even where no list knows it.
_EPONYM_AFTER = re.compile(
    r"\s?[(]?\s?(?:neg|pos|\+|-(?!\w)|\d|absent|present|normal|equivocal|down|up\b|intact|[IV]+\b|[AB]\b|"
    r"signs?|test|score|scale|grade|class|type|stage|level|criteria|views?|project|stain|tube|drain|"
    r"clamp|catheter|retractor|forceps|pins?|wires?|rods?|nail|plate|screws?|valve|stent|graft|mesh|"
    r"repair|procedure|technique|approach|incision|line|node|cyst|hernia|fracture|tumou?r|lymphoma|"
    r"sarcoma|disease|syndrome|palsy|reflex|maneuver|phenomenon|ligament|fascia|duct|pouch|"
    r"central|lateral|in place|in situ|removed|placed|out\b|care|bag|d/?c)",
    re.I,
)
_SURE_AFTER = re.compile(
    r"(?:['’]s)? (?:disease|syndrome|signs?\b|palsy|tumou?r|lymphoma|sarcoma|fracture|hernia|cyst|"
    r"catheter|drain|retractor|clamp|stain|reflex|maneuver|phenomenon|classification|criteria|"
    r"neg(?:ative)?\b|ligament|views?\b|valve\b|score\b|grade\b)",
    re.I,
)
_DEGREE_BEFORE = re.compile(
    r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|FACR|FRCR|LPN|NP|PA-?C?|MBBS),?\s{1,2}\Z|"
    r"\b(?:referred by|seen by|per|to|the|school|campus|staff|ward) (?:the |a |an )?"
    r"(?:school |campus |clinic )?\Z"
)
_NO_PROFESSION = re.compile(
    r"(?:widow(?:er|ed)?|single|married|divorced|bachelor|man|woman|male|female|gentleman|lady|boy|"
    r"girl|smoker|vegetarian|retired|unemployed|disabled|patient|veteran|student|sophomore|junior|"
    r"historian|police officer|"
    r"freshman|senior|police|medic|witness|sitter|visitor|donor|proband|volunteer|"
    r"(?:school |charge |campus |staff |head )?(?:physician|doctor|surgeon|radiologist|pathologist|"
    r"cardiologist|oncologist|neurologist|hospitalist|counsell?or|resident|intern|fellow|attending|"
    r"nurse practitioner|case manager|social worker|technologist|sonographer))s?",
    re.I,
)
_AS_KEY = re.compile(r"\s?:")
_CLINICAL_JOB = re.compile(r"nurse|therapist|pharmacist|psychologist|dietitian|chaplain", re.I)
#: The neighbours of an eponym in a list: ``Waters, Caldwell and lateral``.
_LISTED = re.compile(r",? (?:and |or )?([^\W\d_]+(?:-[^\W\d_]+)?)")
_LISTED_BEFORE = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?),? (?:and |or )?\Z")
_VIEWS = frozenset(("lateral", "pa", "ap", "oblique", "axial", "frontal", "tip"))
_SMALL_WORDS = re.compile(
    r"\b(?:der|die|das|und|ist|mit|wir|eine?[rnms]?|nicht|keine?|im|bei|nach|zur|vom|für|seit|"
    r"les?|la|des|du|une|est|pas|avec|pour|dans|sans|et|el|los|las|una|del|con|por|desde|hace|"
    r"refiere|años|sin|de)\b",
    re.I,
)
#: Words of a key that stand before its mark: ``PAT:``, ``Hosp ID``.
_KEY = re.compile(r"(?:pat|hosp|ref|user|tech|op|pt|name|perf)\.?", re.I)
_KEY_AFTER = re.compile(r"\s?[:=#]| ID\b")
#: Where somebody is within a house.
_INDOORS = re.compile(
    r"(?:\d+(?:st|nd|rd|th)? ?fl(?:oor)?|(?:floor|room|rm|bed|bay|level|ward) ?\d+[A-Z]?)", re.I
)
#: HL7 message types: ``ORU^R01``.
_EVENT = re.compile(r"[A-Z]{3}\^[A-Z]\d{2}")
#: How far around a guess its text is looked at for capitals.
_NEAR = 120


@lru_cache(maxsize=1)
def state_codes() -> frozenset[str]:
    """Postal codes of the states of the USA."""
    return frozenset(
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
    )


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Eponyms, drugs, vendors, device models, trials and genes, folded, word by word joined."""
    text = (resources.files("nlp_pipelines.gazetteers") / "not_names.txt").read_text("utf-8")
    lines = text.splitlines()
    return frozenset(" ".join(_WORDS.findall(fold_text(line))) for line in lines if line)


@lru_cache(maxsize=1)
def _abbreviations() -> frozenset[str]:
    text = (resources.files("nlp_pipelines.gazetteers") / "abbreviations.txt").read_text("utf-8")
    return frozenset(text.splitlines())


@lru_cache(maxsize=1)
def _signs() -> frozenset[str]:
    """Surnames that stand alone for a sign, a test, a score or an instrument."""
    text = (resources.files("nlp_pipelines.gazetteers") / "signs.txt").read_text("utf-8")
    return frozenset(_joined(line) for line in text.splitlines())


def _joined(text: str) -> str:
    return " ".join(_WORDS.findall(fold_text(text)))


def is_listed(text: str, begin: int, end: int) -> bool:
    """Whether the value, or the value with the words after it, is a phrase of the list."""
    value = _joined(text[begin:end])
    if value in phrases():
        return True
    following = _WORDS.findall(fold_text(text[end : end + 40]))[:3]
    return any(" ".join([value, *following[:count]]) in phrases() for count in (1, 2, 3))


def _is_abbreviation(text: str, begin: int, end: int) -> bool:
    """A listed abbreviation as it is written, in a text that does not write all in capitals."""
    value = text[begin:end].rstrip(".")
    if not all(part in _abbreviations() for part in re.split(r", ?|/| ", value)):
        return False
    return value.islower() or any(map(str.islower, text[max(0, begin - _NEAR) : end + _NEAR]))


def _is_eponym(text: str, begin: int, end: int) -> bool:
    """A surname that stands for a sign or a device, as what follows tells."""
    value = text[begin:end]
    parts = [_joined(part) for part in re.split(r", |/| and ", value)]
    known = all(part in _signs() for part in parts)
    behind = text[end : end + 24]
    if known:
        listed = _LISTED.match(text, end)
        if len(parts) > 1 or (listed and _joined(listed[1]) in _signs() | _VIEWS):
            return True
        before = _LISTED_BEFORE.search(text[max(0, begin - 28) : begin])
        if before and _joined(before[1]) in _signs():
            return True
        opened = text[max(0, begin - 1) : begin] == "(" and behind.startswith(")")
        return opened or _EPONYM_AFTER.match(behind) is not None
    return value[:1].isupper() and " " not in value and _SURE_AFTER.match(behind) is not None


def _capitals_near(text: str, begin: int, end: int) -> bool:
    return any(map(str.isupper, text[max(0, begin - _NEAR) : end + _NEAR]))


def _is_letter(text: str, value: str, end: int) -> bool:
    """A lone letter that is no initial: of ``w/``, ``pt's``, ``R`` and ``L``."""
    return len(value) == 1 and (text[end : end + 1] != "." or value.islower())


def is_small(text: str, begin: int, end: int) -> bool:
    """Whether a value is in small letters where the text writes capitals too."""
    return text[begin:end].islower() and _capitals_near(text, begin, end)


def is_foreign(text: str, begin: int, end: int) -> bool:
    """Whether the text around is German, French or Spanish, by its small words."""
    words = _SMALL_WORDS.findall(text[max(0, begin - 2 * _NEAR) : end + 2 * _NEAR])
    return len({word.lower() for word in words}) > 2


@lru_cache(maxsize=1)
def _vendors() -> tuple[str, ...]:
    text = (resources.files("nlp_pipelines.gazetteers") / "vendors.txt").read_text("utf-8")
    return tuple(sorted({_joined(line) for line in text.splitlines()}))


def _is_product(value: str) -> bool:
    """Whether a value begins with a vendor that nobody is called: ``Philips Healthcare X 64``."""
    joined = _joined(value) + " "
    return any(joined.startswith(f"{vendor} ") for vendor in _vendors())


def _is_key(text: str, begin: int, end: int) -> bool:
    return bool(_KEY.fullmatch(text[begin:end]) and _KEY_AFTER.match(text, end))


def _hardly_borne(word: str) -> bool:
    """A folded word that is vocabulary rather than a name, standing alone."""
    if word in given_names():
        return False
    return word in everyday_words() or nobody_bears(word)


def is_plain(text: str, begin: int, end: int) -> bool:
    """Whether a guessed name is vocabulary: a listed phrase, an eponym, words that nobody bears.

    What follows a title, a greeting or a key (``Dr. Head``, ``Name: Fine``) is never plain.
    """
    if _TITLE.search(text, max(0, begin - 16), begin):
        return False
    if is_listed(text, begin, end) or _is_abbreviation(text, begin, end):
        return True
    value = text[begin:end]
    if _is_key(text, begin, end) or _is_product(value):
        return True
    words = [fold_text(word) for word in _WORDS.findall(value)]
    slashed = len(value) < 4 and text[max(0, begin - 1) : begin] == text[end : end + 1] == "/"
    if slashed or _is_letter(text, value, end) or _EVENT.fullmatch(value):
        return True
    if is_small(text, begin, end):
        # Who writes capitals writes them in names: "creatinine rose", "a long stone".
        return all(map(is_word, words)) or is_foreign(text, begin, end)
    if _is_eponym(text, begin, end):
        return True
    if len(words) == 1:
        return _hardly_borne(words[0])
    return all(_hardly_borne(word) and word not in surnames_that_are_words() for word in words)


def is_plain_job(text: str, begin: int, end: int) -> bool:
    """Whether a guessed profession is a state of life, or that of who treats the patient."""
    value = text[begin:end]
    if _NO_PROFESSION.fullmatch(value) or _is_abbreviation(text, begin, end):
        return True
    if is_listed(text, begin, end) or _is_product(value) or _AS_KEY.match(text, end):
        return True
    before = text[max(0, begin - 24) : begin]
    return bool(_CLINICAL_JOB.search(value) and _DEGREE_BEFORE.search(before))


def is_plain_place(text: str, begin: int, end: int) -> bool:
    """Whether a guessed place is vocabulary: everyday words or what every hospital is called."""
    value = text[begin:end]
    if _is_letter(text, value, end) or _INDOORS.fullmatch(value):
        return True
    if value.upper() in state_codes():
        # "OR", "in": a state in capitals, before a ZIP code or after a comma
        after_comma = text[:begin].endswith(", ")
        return not (value.isupper() or after_comma or _ZIP_AFTER.match(text, end))
    if is_listed(text, begin, end) or _is_abbreviation(text, begin, end):
        return True
    if _is_key(text, begin, end) or _is_product(value):
        return True
    words = [fold_text(word) for word in _WORDS.findall(value)]
    if len(words) == 1 and words[0] in everyday_words() and nobody_bears(words[0]):
        return True
    if value.isdigit() and len(value) < 5:
        return True
    if _joined(value) in _signs() and _EPONYM_AFTER.match(text[end - value.count(" ") : end + 24]):
        return True
    if not words or any(map(str.isdigit, value)):
        return False
    if is_small(text, begin, end):
        return all(map(is_word, words)) or is_foreign(text, begin, end)
    if len(words) == 1 and _CAPITAL.match(value) and not _IN.search(text, max(0, begin - 9), begin):
        return words[0] in everyday_words() or nobody_bears(words[0])
    generic = all(word in word_set("institution_kept") or len(word) < 3 for word in words)
    return generic and (len(words) == 1 or value.islower())
