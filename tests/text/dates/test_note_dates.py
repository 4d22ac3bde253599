"""All dates of one patient move by one number of days, or are masked."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.records import Span
from safelight.rules.policies import TextPolicy
from safelight.text.dates.hints import DateHints
from safelight.text.dates.note_dates import read_note_dates
from safelight.text.dates.parsing import parse_date_text
from safelight.text.recognizers.span_filter import find_spans
from safelight.text.replacement import replace_spans

POLICY = TextPolicy({"DATE": "shift"})


def shift_note(text: str, days: int, reference: datetime.date | None = None) -> str:
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (days, days))
    return replace_spans(
        text,
        find_spans(text, []),
        POLICY,
        pseudonyms,
        pseudonyms.patient("1"),
        hints=DateHints(None, reference),
    ).text


DAY_FIRST = ["%d/%m/%Y", "%d/%m", "%d.%m.%Y", "%d %B %Y", "%d-%m-%Y", "%d %b %Y"]
MONTH_FIRST = ["%m/%d/%Y", "%m/%d", "%B %d, %Y", "%b %d", "%m/%d/%y", "%B %d"]
NEUTRAL = ["%Y-%m-%d", "%Y%m%d", "%d%b%Y", "%Y/%m/%d"]


def unpadded(text: str) -> str:
    return re.sub(r"(?<![0-9])0([0-9])(?![0-9])", r"\1", text)


def written(date: datetime.date, form: str) -> str:
    return date.strftime(form)


@given(
    st.dates(datetime.date(2015, 1, 1), datetime.date(2025, 12, 31)),
    st.lists(st.integers(-170, 170), min_size=1, max_size=4),
    st.sampled_from([(MONTH_FIRST, "%m/%d/%Y"), (DAY_FIRST, "%d/%m/%Y")]),
    st.integers(-1095, 1095),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_all_dates_of_a_note_move_by_the_same_days_in_their_format(
    first: datetime.date,
    offsets: list[int],
    order: tuple[list[str], str],
    days: int,
    data: st.DataObject,
) -> None:
    forms, full = order
    # a day above 12 shows the order of the note
    first = first.replace(day=13 + first.day % 14)
    dates = [first, *(first + datetime.timedelta(offset) for offset in offsets)]
    chosen = [full, *(data.draw(st.sampled_from(forms + NEUTRAL)) for _ in offsets)]
    text = "".join(
        f"Seen on {written(date, form)} in clinic.\n" for date, form in zip(dates, chosen)
    )
    if days % 365 in (0, 1, 364) or days in (0,):
        return
    shift = datetime.timedelta(days)
    expected = "".join(
        f"Seen on {written(date + shift, form)} in clinic.\n" for date, form in zip(dates, chosen)
    )
    # "May 14" does not say whether the ninth day is padded
    assert unpadded(shift_note(text, days)) == unpadded(expected)


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 12, 31)), st.integers(-1095, 1095))
@settings(max_examples=60, deadline=None)
def test_a_day_without_a_year_is_shifted_in_every_year_or_masked(
    date: datetime.date, days: int
) -> None:
    if days % 365 in (0, 1, 364):
        return
    text = f"Seen on {date:%B} {date.day}."
    new = shift_note(text, days)
    moved = date + datetime.timedelta(days)
    assert new in (f"Seen on {moved:%B} {moved.day}.", "Seen on [DATE].")


def test_the_day_of_the_record_gives_the_year() -> None:
    text = "Seen on March 14."
    assert shift_note(text, -1026) == "Seen on [DATE]."
    assert shift_note(text, -1026, datetime.date(2020, 3, 20)) == "Seen on May 23."
    assert shift_note(text, -1026, datetime.date(2019, 3, 20)) == "Seen on May 22."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seen 23/7/2022. ED TRIAGE 22/7 0312hrs. LMP 3/7.",
         "Seen 1/10/2019. ED TRIAGE 30/9 0312hrs. LMP 11/9."),
        ("DOS 5/22/23. Appt 5/23 at 0930.", "DOS 7/30/20. Appt 7/31 at 0930."),
        ("Admitted 14 March 2019. Discharged on 14/03.",
         "Admitted 22 May 2016. Discharged on 22/05."),
        ("Vaccine exp 08/25, DOS 5/22/2023.", "Vaccine exp 10/22, DOS 7/30/2020."),
        ("On 14/03/2020, 03/15/2020 and 04/05/2020.",
         "On 23/05/2017, 05/24/2017 and [DATE]."),
        ("In March 3-5, 2020.", "In May 12-14, 2017."),
        ("Am 3.-5. März 2020.", "Am 12.-14. Mai 2017."),
        ("From 12-15/03/2020.", "From 21-24/05/2017."),
        ("From 3/14-3/16/2020.", "From 5/23-5/25/2017."),
        ("Seen march third two thousand nineteen.", "Seen may eleventh twenty sixteen."),
        ("The twenty-first of June, nineteen ninety eight.",
         "The thirtieth of August, nineteen ninety five."),
        ("Visto el 3 de marzo de 2020 y el 5/3.", "Visto el 12 de mayo de 2017 y el 14/5."),
        ("Nato il 7 febbraio 1961, visto il 3 marzo 2020.",
         "Nato il 18 aprile 1958, visto il 12 maggio 2017."),
        ("Visto em 3 de março de 2020.", "Visto em 12 de maio de 2017."),
        ("Aufnahme am 03.03.2020, Entlassung am 09.03., Kontrolle am 14.4. um 10 Uhr.",
         "Aufnahme am 12.05.2017, Entlassung am 18.05., Kontrolle am 23.6. um 10 Uhr."),
        ("On the 5th she fell.", "On the [DATE] she fell."),
        ("Return to the twenty fourth.", "Return to the [DATE]."),
        ("On 14 марта 2020.", "On [DATE]."),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_masked(text: str, expected: str) -> None:
    assert shift_note(text, -1026) == expected


@pytest.mark.parametrize(
    "text",
    [
        "BP 120/80, strength 5/5, pain 4/10, VA 20/40, GCS 15/15, murmur 2/6.",
        "Took 1/2 tablet; MMSE 24/30, 24/7 care, ratio 2/3, review in 3/12.",
        "5/6 nodes positive, 7/12 cores, C5/6 disc, 3/4 of the dose.",
    ],
)
def test_fractions_stay(text: str) -> None:
    assert shift_note(text, -1026) == text


NUMERIC_DATE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?")
EVIDENCE = [
    "Seen {}.",
    "Return {}",
    "{} at 0930: CT.",
    "LMP {}.",
    "Appt Tue {} for review.",
    "Rv {}.",
]


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2022, 12, 31)), st.sampled_from(EVIDENCE))
@settings(max_examples=40, deadline=None)
def test_no_day_and_month_stays(date: datetime.date, template: str) -> None:
    text = template.format(f"{date.month}/{date.day}")
    spans = [span for span in find_spans(text, []) if span.entity == "DATE"]
    match = NUMERIC_DATE.search(text)
    assert match is not None
    assert any(span.begin <= match.start() and match.end() <= span.end for span in spans)


def test_a_birth_date_does_not_give_the_year() -> None:
    text = "DOB 3/14/1960. Seen 3/14."
    spans = [Span(4, 13, "DATE", "key", 1.0, "DOB"), Span(20, 24, "DATE", "regex")]
    assert read_note_dates(text, spans).context.reference is None


MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}
#: Sentence, form of a day and month, and form of a date with a year.
SENTENCES = {
    "de": ("Die Patientin wurde bei uns nicht wegen Fieber, sondern am {} aufgenommen.", "{}. {}"),
    "es": ("El paciente fue dado de alta con su familia el {} y no refiere dolor.", "{} de {}"),
    "fr": ("Le patient est sorti avec sa famille le {} et ne se plaint pas.", "{} {}"),
    "it": ("Il paziente è stato dimesso dalla clinica il {} e non ha dolore.", "{} {}"),
    "pt": ("O paciente não tem dor e foi visto pela médica em {} na consulta.", "{} de {}"),
    "nl": (
        "De patiënt werd op {} opgenomen en is niet naar huis gegaan, er zijn klachten.",
        "{} {}",
    ),
    "sv": ("Hon har inte sovit bra och kom den {} till avdelningen för vård.", "{} {}"),
    "pl": ("Pacjent nie spał i został przyjęty w dniu {} na oddział przez lekarza.", "{} {}"),
    "tr": ("Hasta için {} günü sonuç yok ve bu çok acil bir durum olarak var.", "{} {}"),
}


def _forms_of(language: str, date: datetime.date) -> list[str]:
    day_and_month = SENTENCES[language][1].format(
        date.day, MONTHS[language].split()[date.month - 1]
    )
    return [
        f"{day_and_month}{' de' if language in ('es', 'pt') else ''} {date.year}",
        day_and_month,
        date.strftime("%d.%m.%Y"),
        date.strftime("%d/%m/%Y"),
        date.strftime("%Y-%m-%d"),
    ]


@given(
    st.sampled_from(sorted(SENTENCES)),
    st.dates(datetime.date(2015, 1, 13), datetime.date(2025, 12, 31)),
    st.integers(1, 27),
    st.integers(0, 4),
    st.integers(31, 300),
)
@settings(max_examples=60, deadline=None)
def test_dates_of_other_languages_move_by_the_same_days_or_are_masked(
    language: str, date: datetime.date, after: int, form: int, days: int
) -> None:
    dates = [date.replace(day=13 + date.day % 14), date + datetime.timedelta(after)]
    sentence, _ = SENTENCES[language]
    full = 2  # a date with full stops has the day first
    text = "\n".join(
        sentence.format(_forms_of(language, one)[i]) for one, i in zip(dates, (full, form))
    )
    shift = datetime.timedelta(days)
    begin, _, end = sentence.partition("{}")
    for line, one in zip(shift_note(text, days).split("\n"), dates):
        assert line.startswith(begin) and line.endswith(end)
        found = line.removeprefix(begin).removesuffix(end)
        if found != "[DATE]":  # a month that languages share may continue in another of them
            parts, moved = parse_date_text(found, True), one + shift
            assert parts and (parts.month, parts.day) == (moved.month, moved.day)
            assert parts.year in (None, moved.year)
