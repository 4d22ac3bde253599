from __future__ import annotations

import re
from dataclasses import replace

import pytest

from safelight.records import Span
from safelight.text.recognizers import span_filter
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.recognizers.span_filter import filter_chunks, find_spans
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, rejected guess, entity.
NEVER_CONTINUED = {
    "known_phrase": ("no Wernicke", "Wernicke", "NAME"),
    "lowercase": ("Creatinine rose", "rose", "NAME"),
    "department": ("Pain Clinic", "Pain Clinic", "LOCATION"),
    "short_number": ("Mercy, 2 rooms", "2", "LOCATION"),
    "title": ("Notified MD", "MD", "NAME"),
    "label_of_id": ("Lic 0099218", "Lic", "ID"),
    "terms_in_capitals": ("DENTAL", "DENTAL", "NAME"),
    "slashed": ("Abd/Kat venous", "Kat", "NAME"),
    "abbreviation": ("RT MLO Stone", "MLO", "NAME"),
    "relative": ("bei Tante Ilse", "Tante", "NAME"),
    "age_and_sex": ("seen 38M today", "38M", "ID"),
}


def guess(text: str, value: str, entity: str) -> list[str]:
    begin = text.index(value)
    spans = filter_chunks(text, [Span(begin, begin + len(value), entity, "ner", 0.9)])
    return [text[span.begin : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("Foley catheter in place", "Foley", "NAME"),
        ("Review in OPD after one week with RBS in the morning", "RBS", "NAME"),
        ("surgery or radiation: she wants RARP with the same surgeon", "RARP", "NAME"),
        ("Address\nD.O.A : 04-08-2022", "D.O", "NAME"),
        ("CITY: Chicago  STATE: IL", "STATE", "LOCATION"),
        ("The Consultant, Haematology Unit", "Haematology Unit", "LOCATION"),
        ("The Consultant, Haematology Unit", "Consultant", "PROFESSION"),
        ("B. G89.29   24. DATES OF SERVICE", "29   24", "DATE"),
        ("emesis, zofran 4. 0200 sleeping", "4. 0200", "DATE"),
        ("nodes: LN 4/22 positive", "4/22", "DATE"),
        ("MAP 62-66 overnight", "62-66", "ID"),
        ("Olympus CF-HQ190L scope", "CF-HQ190L", "ID"),
        ("no Parkinson disease", "Parkinson", "NAME"),
        ("on a SOMATOM Force", "SOMATOM Force", "NAME"),
        ("surgery in 2009", "2009", "DATE"),
        ("pain two weeks ago", "two weeks ago", "DATE"),
        ("a 54 year old man", "54", "AGE"),
        ("Creatinine rose slightly", "rose", "NAME"),
        ("Discussed w/ the team", "w", "NAME"),
        ("POA is with the family", "POA", "NAME"),
        ("Romberg negative, gait steady", "Romberg", "NAME"),
        ("Kowalczyk sign negative", "Kowalczyk", "NAME"),
        ("palpitations and Giemsa stain", "Giemsa", "NAME"),
        ("type ORU^R01 was sent", "ORU^R01", "NAME"),
        ("call 911 now", "911", "LOCATION"),
        ("the note was filed at 2330", "2330", "DATE"),
        ("a ratio of 14/16 was seen", "14/16", "DATE"),
        ("vision 6/12 on the right", "6/12", "DATE"),
        ("Ki-67 low", "67", "ID"),
        ("a sophomore in school", "sophomore", "PROFESSION"),
        ("A. Lee, MD, Pathologist", "Pathologist", "PROFESSION"),
        ("Neer 3 fracture", "Neer", "NAME"),
        ("strength rated 4/5 on the left", "4/5", "DATE"),
        ("a medical social worker called", "social worker", "PROFESSION"),
        ("SINUS WATERS", "WATERS", "NAME"),
        ("Parkinson protocol", "Parkinson", "NAME"),
        ("Hodgkin", "Hodgkin", "NAME"),
        ("Axiom Artis dFC", "Artis", "NAME"),
        ("MR BRAIN 3T", "BRAIN", "NAME"),
        ("ABD/PEL routine", "PEL", "NAME"),
        ("Patient Hoyer lift", "Hoyer", "NAME"),
        ("vomited after the Augmentin", "the Augmentin", "DATE"),
        ("enrolled in NCT04068999", "NCT04068999", "ID"),
        ("vitals 98.6 88 16 120/70", "98.6 88 16 120/70", "CONTACT"),
        ("Azure XT DR, SN RNB448199H", "SN", "NAME"),
        ("Seen by nutrition (Kelsey)", "nutrition", "NAME"),
        ("Pat Name : STRAND", "Pat", "NAME"),
        ("Abd/Pel venous", "Pel", "NAME"),
        ("Z.n. Billroth-II 1998", "Z.n. Billroth-II", "NAME"),
        ("Diagnose: M. Crohn", "M. Crohn", "NAME"),
        ("CT nativ und KM-gestützt vom 3. Mai mit der", "nativ und KM-gestützt", "LOCATION"),
    ],
)
def test_guess_of_vocabulary_or_implausible_shape_is_rejected(
    text: str, value: str, entity: str
) -> None:
    assert guess(text, value, entity) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("Foley was seen", "Foley", "NAME"),
        ("Rose was seen", "Rose", "NAME"),
        ("since March 2009", "March 2009", "DATE"),
        ("a 94 year old man", "94", "AGE"),
        ("went to Salem", "Salem", "LOCATION"),
        ("seen 6/12 by us", "6/12", "DATE"),
        ("before Thanksgiving", "Thanksgiving", "DATE"),
        ("a retired nurse", "nurse", "PROFESSION"),
        ("Kowalczyk, 54", "Kowalczyk", "NAME"),
        ("Penrose\n12 mg given", "Penrose", "NAME"),
        ("entered AQL at the desk", "AQL", "NAME"),
        ("met Cleopatra there", "Cleopatra", "NAME"),
        ("was operated 6/4 by us", "6/4", "DATE"),
        ("has been a social worker", "social worker", "PROFESSION"),
        ("Mr. Waters", "Waters", "NAME"),
        ("Waters", "Waters", "NAME"),
        ("sinuses of Waters as before, per the neighbour's letter", "Waters", "NAME"),
        ("MR LONG 3T", "LONG", "NAME"),
    ],
)
def test_plausible_guess_is_kept(text: str, value: str, entity: str) -> None:
    assert guess(text, value, entity) == [value]


@pytest.mark.parametrize(
    ("value", "sure"), [("Vancouver", True), ("Geneva", True), ("Clinic", False)]
)
def test_confident_place_is_kept_unless_it_is_an_everyday_word(value: str, sure: bool) -> None:
    text = f"{value} was mentioned"
    found = filter_chunks(text, [Span(0, len(value), "LOCATION", "ner", 0.97)])
    assert bool(found) is sure


@pytest.mark.parametrize(("rule", "example"), NEVER_CONTINUED.items())
def test_rule_rejects_a_guess_for_good(rule: str, example: tuple[str, str, str]) -> None:
    text, value, entity = example
    rules = span_filter._REJECTION_RULES
    assert deciding_rule(rules, lambda: guess(text, value, entity)) == rule
    assert guess(text, value, entity) == []


def test_every_rejection_rule_has_an_example() -> None:
    assert rule_names(span_filter._REJECTION_RULES) == set(NEVER_CONTINUED)


@pytest.mark.parametrize(
    ("text", "first", "second", "entity"),
    [("Diann Noise was here", "Diann", "Noise", "NAME"), ("ref 4471 22", "4471", "22", "ID")],
)
def test_rejected_guess_is_kept_next_to_a_kept_one(
    text: str, first: str, second: str, entity: str
) -> None:
    guesses = [
        Span(text.index(v), text.index(v) + len(v), entity, "ner", 0.8) for v in (first, second)
    ]
    assert [text[s.begin : s.end] for s in filter_chunks(text, guesses)] == [first, second]
    assert filter_chunks(text, guesses[1:]) == []


def test_findings_of_patterns_are_never_rejected() -> None:
    text = "Dr. Foley, MRN: 0012345, 03/04/2019"
    alone = find_patterns(text)
    assert alone
    assert [replace(s, subtype="") for s in find_spans(text, [])] == [
        replace(s, subtype="") for s in alone
    ]


def test_spans_of_all_sources_are_merged() -> None:
    text = "Anna Kowalczyk MRN: 0012345"
    spans = find_spans(text, [Span(0, 14, "NAME", "ner", 0.9)])
    assert {span.entity for span in spans} == {"NAME", "ID"}


def test_subtype_follows_from_the_shape() -> None:
    text = "94110 Salem General Hospital a@b.org 12 Oak Lane"
    found = filter_chunks(
        text,
        [
            Span(0, 5, "LOCATION", "ner", 1.0),
            Span(6, 28, "LOCATION", "ner", 1.0),
            Span(29, 36, "CONTACT", "ner", 1.0),
            Span(37, 48, "LOCATION", "ner", 1.0),
        ],
    )
    assert [span.subtype for span in found] == ["ZIP", "HOSPITAL", "EMAIL", "STREET"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Barrett Prague C2M4", []),
        ("Ottawa rules positive", []),
        ("moved to Prague", ["Prague"]),
    ],
)
def test_town_of_a_classification_is_not_a_place(text: str, found: list[str]) -> None:
    town = "Ottawa" if "Ottawa" in text else "Prague"
    begin = text.index(town)
    spans = filter_chunks(text, [Span(begin, begin + len(town), "LOCATION", "gazetteer")])
    assert [text[s.begin : s.end] for s in spans] == found


@pytest.mark.parametrize(
    "text", ["IRM hanche gauche", "MRT Schädel nativ", "TAC columna lumbar sin contraste"]
)
def test_imaging_words_of_other_languages_are_not_names(text: str) -> None:
    words = [match.span() for match in re.finditer(r"\w+", text)]
    guesses = [Span(*word, "NAME", "ner", 0.97) for word in words]
    assert find_spans(text, guesses) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("CC: SOB x 3 days", "SOB"), ("CHIARI I. DICTATED BY M OYELARAN MD", "CHIARI I.")],
)
def test_complaint_and_stage_are_not_names(text: str, value: str) -> None:
    assert guess(text, value, "NAME") == []


@pytest.mark.parametrize("text", ["Follow up Tuesday w/ CT", "CHIARI I. DICTATED"])
def test_weekdays_and_words_of_a_signature_are_not_names(text: str) -> None:
    assert [span for span in find_spans(text, []) if span.entity == "NAME"] == []


def test_place_of_a_pattern_is_not_a_full_name() -> None:
    text = "Lives 12 Oak Lane, Salem, OR 97301 with both of his sons and their dogs and cats"
    assert {span.entity for span in find_spans(text, [])} == {"LOCATION"}


def found(text: str, value: str = "", entity: str = "NAME", confidence: float = 0.97) -> list[str]:
    """Return the values that are found if the model guesses one."""
    begin = text.index(value)
    guesses = [Span(begin, begin + len(value), entity, "ner", confidence)] if value else []
    return [text[span.begin : span.end] for span in find_spans(text, guesses)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sertoli tumor markers", "Sertoli"),
        ("Zollinger-Ellison gastrin level", "Zollinger-Ellison"),
        ("Hartmann's procedure on the left", "Hartmann"),
        ("canal of Schlemm", "Schlemm"),
        ("sphincter of Oddi dysfunction", "Oddi"),
        ("ligament of Cooper laxity", "Cooper"),
        ("Horner's triad?", "Horner"),
        ("Epworth sleepiness scale over ten", "Epworth"),
        ("Hamilton Depression Scale", "Hamilton"),
        ("switch to Trintellix", "Trintellix"),
        ("Reiter's arthritis and Noonan facies, Wernicke encephalopathy", "Wernicke"),
        ("Braden n/a today", "Braden"),
    ],
)
def test_eponym_or_drug_is_not_a_name(text: str, value: str) -> None:
    assert found(text, value) == []


@pytest.mark.parametrize(
    "text",
    [
        "canal of Guyon",
        "Whipple or distal pancreatectomy",
        "is Yasmin safe in migraine",
        "Hamilton rating scale",
        "Kaplan-Meier curves",
        "Blalock-Taussig shunt",
        "Rockwood frailty scale",
    ],
)
def test_eponym_in_a_question_is_not_a_surname(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Kelly wants her pain score", "Kelly"),
        ("Murphy 7B potassium", "Murphy"),
        ("Thomas pain scale at noon", "Thomas"),
        ("Mrs. Henle came alone", "Henle"),
        ("Gordon, 61, has asthma", "Gordon"),
        ("body of Johnson", "Johnson"),
        ("Mendelsohn was seen", "Mendelsohn"),
        ("MR KNEE (Sorensen protocol)", "Sorensen"),
        ("Kowalczyk negative for flu", "Kowalczyk"),
        ("Taylor's repair is on hold until she has been seen", "Taylor"),
    ],
)
def test_person_with_the_surname_of_an_eponym_is_found(text: str, value: str) -> None:
    assert value in " ".join(found(text, value))


@pytest.mark.parametrize(
    ("text", "value", "hidden"),
    [
        ("ARDS (Berlin moderate), proned", "Berlin", []),
        ("Ottawa ankle rules", "Ottawa", []),
        ("West Nile or Vienna classification", "Vienna", []),
        ("India ink positive", "India", []),
        ("moved to Ottawa", "Ottawa", ["Ottawa"]),
        ("lives in Berlin (moderate rent)", "Berlin", ["Berlin"]),
        ("Epworth sleepiness scale", "Epworth", []),
        ("lives in Epworth", "Epworth", ["Epworth"]),
    ],
)
def test_town_that_names_a_classification_or_score_is_not_a_place(
    text: str, value: str, hidden: list[str]
) -> None:
    assert found(text, value, "LOCATION") == hidden


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("was it 2014 or 2019 that it came out", "2014 or 2019", "DATE"),
        ("guideline v3.2023 of the panel", "v3.2023", "DATE"),
        ("ABG 7.28/55/80 on two litres", "7.28/55/80", "DATE"),
        ("wound 3.2x2.1x0.4 clean", "2.1x0.4", "DATE"),
        ("seen @ 31w2d by dates", "31w2d", "DATE"),
        ("ETT day 3. 12h of fever", "3. 12h", "DATE"),
        ("CIWA 9/4, repeat later", "", ""),
        ("she is G5P3013 and well", "G5P3013", "DATE"),
        ("she is G5P3013 and well", "G5P3013", "ID"),
        ("HLA-B*2705 positive", "2705", "ID"),
        ("fever of 103 since noon", "103", "AGE"),
        ("glucose was 112 at noon", "112", "AGE"),
        ("Ethiopian food and Korean ginseng", "Korean", "LOCATION"),
        ("a Somali man", "Somali", "PROFESSION"),
        ("per Vietnamese custom", "Vietnamese", "NAME"),
        ("h/o hx GERD who smokes", "hx GERD who", "LOCATION"),
        ("PMH: COPD, Hodgkin lymphoma", "COPD, Hodgkin", "NAME"),
        ("what does QUORX say about statins", "QUORX", "LOCATION"),
        ("find home health agencies nearby", "home health agencies", "LOCATION"),
        ("ONCOLOGY CLINIC\nreturns for chemo", "ONCOLOGY CLINIC", "LOCATION"),
        ("Pain Clinic follow-up", "Pain Clinic", "LOCATION"),
        ("vision 6/12 for distance", "6/12", "DATE"),
        ("pt seen by soc work re: housing. Calm", "soc work", "NAME"),
        ("home w/ doxycyc x 7d from the ED. Stable", "doxycyc", "NAME"),
    ],
)
def test_code_shorthand_or_nationality_is_not_found(text: str, value: str, entity: str) -> None:
    confidence = 0.9 if value == "QUORX" else 0.97
    assert found(text, value, entity, confidence) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("HUS 9/4 no bleed; Apgars 5 and 8 then", "9/4", "DATE"),
        ("report filed 6/12 for self-neglect", "6/12", "DATE"),
        ("turned 102 in spring", "102", "AGE"),
        ("he drives for Swift and likes it", "Swift", "LOCATION"),
        ("Memorial Hospital sent it", "Memorial Hospital", "LOCATION"),
        ("did QUORX send the report", "QUORX", "LOCATION"),
        ("Works nights as security guard", "security guard", "PROFESSION"),
        ("spoke w/ carla about it. She Agrees", "carla", "NAME"),
        ("French was seen by Dr. French", "French", "NAME"),
        ("NGUYEN was told by us", "NGUYEN", "NAME"),
    ],
)
def test_value_that_resembles_a_code_or_a_word_is_found(text: str, value: str, entity: str) -> None:
    assert value in found(text, value, entity, 0.995)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Copy to: Hill", ["Hill"]),
        ("Copies to: Dr. Okonkwo, file", ["Okonkwo"]),
        ("Plan: SW to f/u Thurs; referral", []),
        ("f/u w/ Tues clinic", []),
    ],
)
def test_recipient_of_a_copy_is_a_name_and_a_weekday_is_not(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, []) if s.entity == "NAME"] == names


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Pacs by Philips Healthcare here", []),
        ("a Siemens Medical Center of excellence", []),
        ("seen at Baxter Regional Hospital today", ["Baxter Regional Hospital"]),
        ("seen at Abbott Northwestern Hospital today", ["Abbott Northwestern Hospital"]),
    ],
)
def test_maker_is_not_a_hospital(text: str, hidden: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, [])] == hidden


@pytest.mark.parametrize(
    ("text", "value", "entity", "hidden"),
    [
        ("lives on a VA pension, report filed 6/12 at noon", "6/12", "DATE", ["6/12"]),
        ("VA 6/12 on the right", "6/12", "DATE", []),
        ("crypts of Lieberkuhn seen", "crypts of Lieberkuhn", "LOCATION", []),
        ("97214 home health agencies", "home health agencies", "LOCATION", []),
        ("near home health agencies, call", "home health agencies", "LOCATION", []),
    ],
)
def test_context_distinguishes_scores_and_departments(
    text: str, value: str, entity: str, hidden: list[str]
) -> None:
    assert [one for one in found(text, value, entity, 0.97) if one != "97214"] == hidden


@pytest.mark.parametrize(
    ("text", "value", "entity", "hidden"),
    [
        ("Dupuytren's contracture splint", "Dupuytren", "NAME", []),
        ("strength 3/5 triceps C7", "3/5", "DATE", []),
        ("billed 99214-25 today", "99214-25", "ID", []),
        ("asked to march to the desk", "march", "DATE", []),
        ("off since march", "march", "DATE", ["march"]),
        ("Candida tropicalis in the urine", "Candida", "NAME", []),
        ("Candida was seen by us", "Candida", "NAME", ["Candida"]),
        ("Tana Delta fever outbreak", "Tana Delta", "LOCATION", []),
        ("home from Lagos fever for days", "Lagos", "LOCATION", ["Lagos"]),
        ("New Orleans head rule", "New Orleans", "LOCATION", []),
        (
            "seen at Bay Harbor Cardiology since",
            "Bay Harbor",
            "LOCATION",
            ["Bay Harbor Cardiology"],
        ),
        ("dr. lopez's clinic is full", "'s clinic", "LOCATION", ["lopez"]),
        ("Horner pupil", "", "", []),
        ("Iglesias picc", "", "", ["Iglesias"]),
        ("De La Rosa cultures?", "", "", ["De La Rosa"]),
        ("Van Houten potassium", "", "", ["Van Houten"]),
        ("she may march in place", "may march", "DATE", []),
        ("Cymbalta black box", "Cymbalta black box", "LOCATION", []),
        ("homozygous for C282Y and H63D", "C282Y", "ID", []),
        ("one deltaF508 allele", "deltaF508", "ID", []),
        ("Rome III criteria", "Rome", "LOCATION", []),
        ("pt seen by soc about rent", "soc", "NAME", []),
        ("anyone from iceland with cystitis, Doctor", "iceland", "LOCATION", ["iceland"]),
        ("Crohn (Vienna A1L2B3) failed", "Vienna A1L2B3", "LOCATION", []),
        ("Called to the floor 0512 by us", "0512", "CONTACT", []),
        ("pager 0512 all night", "0512", "CONTACT", ["0512"]),
        ("advised re schisto at the Lake", "schisto", "NAME", []),
        ("told by the surgeon (Rosenthal)", "Rosenthal", "NAME", ["Rosenthal"]),
        ("Bernstein 4 and Khan 7 wait for results", "Bernstein", "NAME", ["Bernstein"]),
        ("Drummond chest", "Drummond", "NAME", ["Drummond"]),
        ("Rossi biopsy", "", "", ["Rossi"]),
    ],
)
def test_context_distinguishes_terms_from_names(
    text: str, value: str, entity: str, hidden: list[str]
) -> None:
    assert found(text, value, entity) == hidden


def test_term_in_capitals_next_to_a_name_is_rejected() -> None:
    text = "MR PITUITARY NWOSU"
    guesses = [Span(3, 12, "NAME", "ner", 0.9), Span(13, 18, "NAME", "ner", 0.9)]
    assert [text[s.begin : s.end] for s in find_spans(text, guesses)] == ["NWOSU"]


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("duke treadmill score meaning", "duke", []),
        ("yahr stage 3", "yahr", []),
        ("did kaplan sign the note", "kaplan", ["kaplan"]),
        ("tell duke his results are in", "duke", ["duke"]),
    ],
)
def test_an_eponym_in_a_text_without_capitals_is_not_a_name(
    text: str, value: str, expected: list[str]
) -> None:
    assert found(text, value, confidence=0.9) == expected


def test_a_capitalized_rare_word_is_a_name_if_the_model_is_certain() -> None:
    text = "Varilux dispensed by Teasel yesterday"
    assert found(text, "Teasel", confidence=0.995) == ["Teasel"]
    assert found(text, "Teasel", confidence=0.97) == []
    assert found(text.lower(), "teasel", confidence=0.995) == []
    assert found("Bottle: Blood", "Blood", confidence=0.995) == []


def test_unknown_capitals_are_a_name_if_the_model_is_confident() -> None:
    text = "Please call NAKWE about the results of her test"
    assert found(text, "NAKWE", confidence=0.97) == ["NAKWE"]
    assert found(text, "NAKWE", confidence=0.9) == []


def test_an_eponym_after_a_given_name_is_a_surname() -> None:
    text = "Gotthold Conradi is a man"
    chunks = [Span(0, 8, "NAME", "ner", 0.99), Span(9, 16, "NAME", "ner", 0.99)]
    found = [text[span.begin : span.end] for span in find_spans(text, chunks)]
    assert found == ["Gotthold", "Conradi"]


def test_place_of_the_gazetteer_is_not_the_first_word_of_a_phrase() -> None:
    for text, kept in (("Congo red negative", 0), ("from Congo by plane", 1)):
        begin = text.index("Congo")
        place = Span(begin, begin + len("Congo"), "LOCATION", "gazetteer")
        assert len(filter_chunks(text, [place])) == kept


def test_a_month_next_to_a_date_of_another_language_is_not_a_name() -> None:
    text = "Die Patientin kommt ersten Dezember, Mai 2019 war sie nicht bei uns."
    found = {(span.entity, text[span.begin : span.end]) for span in find_spans(text, [])}
    assert found == {("DATE", "ersten Dezember"), ("DATE", "Mai 2019")}


def guess_every(text: str, characters: int) -> list[Span]:
    """Return the spans of a text with a guess of two characters at equal distances."""
    begins = range(0, len(text) - 1, characters)
    return filter_chunks(text, [Span(begin, begin + 2, "ID", "ner", 0.9) for begin in begins])


def test_guesses_in_a_word_longer_than_a_window_are_one_span() -> None:
    text = "4F2A" + "0A1B" * 500_000
    assert [(one.begin, one.end) for one in guess_every(text, 480)] == [(0, len(text))]


def test_guesses_in_short_words_are_spans_of_their_own() -> None:
    assert len(guess_every("MRN88121 " * 20, 9)) == 20


def test_a_guess_after_a_rejected_one_that_ends_in_a_long_word_is_judged_too() -> None:
    text = "Dr " + "zk" * 500
    rejected, other = Span(0, 7, "NAME", "ner", 0.9), Span(43, 45, "NAME", "ner", 0.8)
    spans = filter_chunks(text, [rejected, other])
    assert (3, len(text)) in {(one.begin, one.end) for one in spans}
