"""Structured identifiers and values after labels are found, and similar text is not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.lexicon.word_lists import listed_words
from safelight.text.recognizers.patterns import find_patterns, patterns
from safelight.text.span_merging import select_identifying

FOUND = [
    ("Advised ED Northgate Surgery. Callback", "Northgate Surgery", "LOCATION"),
    ("Mr Sleep c/o insomnia", "Sleep", "NAME"),
    ("Rm 7 Pettibone pulled IV", "Pettibone", "NAME"),
    ("R. Osei-Bonsu BDS", "R. Osei-Bonsu", "NAME"),
    ("dietitian Keisha called", "Keisha", "NAME"),
    ("Optom: S Haq 01-2", "S Haq", "NAME"),
    ("lenses dispensed by Dilwyn Rees.", "Dilwyn Rees", "NAME"),
    ("#3 Whitlock, Ansel 0041188 61M", "Whitlock, Ansel", "NAME"),
    ("OGDEN,MARVA 04/22/1960", "OGDEN,MARVA", "NAME"),
    ("Subj: 017-42 Init: M-Z", "M-Z", "NAME"),
    ("moved to the 9th, Dr", "9th", "DATE"),
    ("swallow on the seventh was negative", "seventh", "DATE"),
    ("22/2 15:50 called", "22/2", "DATE"),
    ("Review Apr. Dr Rees", "Apr", "DATE"),
    ("Hulyo 3, 2022", "Hulyo 3, 2022", "DATE"),
    ("12 Oktubre 2021", "12 Oktubre 2021", "DATE"),
    ("Knockroe, Thomastown, R95 E2X8", "R95 E2X8", "LOCATION"),
    ("SSG Wyrick notified", "Wyrick", "NAME"),
    ("Twin 2 of Adeyinka-Moore DOL 9", "Adeyinka-Moore", "NAME"),
    ("II-1 Dwight HCM", "Dwight", "NAME"),
    ("Next round 26th.", "26th", "DATE"),
    ("encampment under I-35 at", "I-35", "LOCATION"),
    ("untested, lives Moab.", "Moab", "LOCATION"),
    ("MSH|^~\\&|LABX|STJOES|EMR|STJONS|2022", "STJOES", "LOCATION"),
    ("MSH|^~\\&|LABX|STJOES|EMR|STJONS|2022", "STJONS", "LOCATION"),
    ("|202205171044||ORU^R01|99120|P|2.3", "99120", "ID"),
    ("T. Abeyratne FY1 #6612", "6612", "CONTACT"),
    ("MDT 18/5 discussed", "18/5", "DATE"),
    ("examined on 3rd inst. at", "3rd inst", "DATE"),
    ("Loc: J7 M6 northbound", "J7 M6", "LOCATION"),
    ("3rd floor, Rua das Flores 212.", "Rua das Flores 212", "LOCATION"),
    ("HD run Hr Yilmaz, Cem Shunt", "Yilmaz, Cem", "NAME"),
    ("her mother, Sra. Peña Montes, has", "Peña Montes", "NAME"),
    ("Chaplain Rev. Makepeace came", "Makepeace", "NAME"),
    ("CNS Gavin to ring", "Gavin", "NAME"),
    ("portal user gbirdsong47.", "gbirdsong47", "ID"),
    ("bank acct ends 0093.", "0093", "ID"),
    ("born ten fourteen nineteen forty three his", "ten fourteen nineteen forty three", "DATE"),
    ("sent to R. Hightower EM", "R. Hightower", "NAME"),
    ("paged at 0412. OBK/sl", "OBK/sl", "NAME"),
    ("to Flat 2, The Maltings", "Flat 2, The Maltings", "LOCATION"),
    ("seen at 22/41 Kookaburra Crescent,", "22/41 Kookaburra Crescent", "LOCATION"),
    ("found at the corner of 9th and Lavaca,", "9th and Lavaca", "LOCATION"),
    ("car vs pole at Route 9 and Elm.", "Route 9 and Elm", "LOCATION"),
    ("hit at Main and 4th, no LOC", "Main and 4th", "LOCATION"),
    ("Mosman NSW 2088", "NSW 2088", "LOCATION"),
    ("at The Old Bakery Surgery, 3", "The Old Bakery Surgery", "LOCATION"),
    ("NST reactive. -LP, CNM", "LP", "NAME"),
    ("(Bio-Rad, op msv). Specimen", "msv", "NAME"),
    ("Son Will phoned", "Will", "NAME"),
    ('received labeled "Thibodeaux, gallbladder"', "Thibodeaux", "NAME"),
    ("NAC Body per S. Chotzen MD", "S. Chotzen", "NAME"),
    (
        "patient lives at Gang Jakarta No. 22, Banjarmasin 38854. Crohn ileitis",
        "Gang Jakarta No. 22, Banjarmasin 38854",
        "LOCATION",
    ),
    (
        "lives at Strada Bl. 54 Ap. 516, Petrosani 165834. Virchow node",
        "Strada Bl. 54 Ap. 516, Petrosani 165834",
        "LOCATION",
    ),
    (
        "Lives at οδός Ερμού 2453, 24100 Καλαμάτα. Crohn ileitis",
        "οδός Ερμού 2453, 24100 Καλαμάτα",
        "LOCATION",
    ),
    ("lives at ul. Długa 5, 00-950 Łódź with her son", "ul. Długa 5, 00-950 Łódź", "LOCATION"),
    (
        "Lives at شارع التحرير 2313, 11511 الإسكندرية.",
        "شارع التحرير 2313, 11511 الإسكندرية",
        "LOCATION",
    ),
    ("Pt Guoqiang Zhuge (PDCBA64) seen", "PDCBA64", "ID"),
    ("Accessed by chlamb36 from", "chlamb36", "ID"),
    ("CT chest. Images sent to jebrooks79 and", "jebrooks79", "ID"),
    ("medical record number four four one nine two seven", "four four one nine two seven", "ID"),
    ("phone four one five five five five", "four one five five five five", "CONTACT"),
    ("bleep 2213 now", "2213", "CONTACT"),
    ('Twin A "Fleur" born', "Fleur", "NAME"),
    ('seen with Robert "Bobby" Marchetti', 'Robert "Bobby" Marchetti', "NAME"),
    ("William (Bill) Haldane came", "William (Bill) Haldane", "NAME"),
    ("and Oma Truus came", "Truus", "NAME"),
    ("Rv by Reg (Sanjeev).", "Sanjeev", "NAME"),
    ("return on the 5th.", "5th", "DATE"),
    ("to the twenty fourth.", "twenty fourth", "DATE"),
    ("vaccine exp 08/25,", "08/25", "DATE"),
    (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< end",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "ID",
    ),
    (
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "ID",
    ),
    ("BIC: DEUTDEFF500 and", "DEUTDEFF500", "ID"),
    ("card 3782 822463 10005,", "3782 822463 10005", "ID"),
    ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa now", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "ID"),
    (
        "to 0x52908400098527886E0F7030069857D2E4169EE7",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "ID",
    ),
    ("key AKIAIOSFODNN7EXAMPLE,", "AKIAIOSFODNN7EXAMPLE", "ID"),
    ("password: hunter22x!", "hunter22x!", "ID"),
    ("UDI (01)00643169007222(17)160712(21)ABC123", "(01)00643169007222(17)160712(21)ABC123", "ID"),
    ("CF RSSMRA85T10A562S.", "RSSMRA85T10A562S", "ID"),
    ("CPF 529.982.247-25", "529.982.247-25", "ID"),
    ("AHV 756.9217.0769.85", "756.9217.0769.85", "ID"),
    ("pnr 811228-9874", "811228-9874", "ID"),
    ("NI AB 12 34 56 C", "AB 12 34 56 C", "ID"),
    ("MRN: 1234567", "1234567", "ID"),
    ("MRN1234567 glued", "1234567", "ID"),
    ("Acc# A-12345 of today", "A-12345", "ID"),
    ("accession 12345678", "12345678", "ID"),
    ("SSN 123-45-6789", "123-45-6789", "ID"),
    ("NHS 943 476 5919", "943 476 5919", "ID"),
    ("VIN: 1HGCM82633A004352", "1HGCM82633A004352", "ID"),
    ("Serial No: AB12345", "AB12345", "ID"),
    ("policy # XY123456", "XY123456", "ID"),
    ("uid 1.2.276.0.7230010.3.1.2.123456", "1.2.276.0.7230010.3.1.2.123456", "ID"),
    ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000", "ID"),
    ("Fallnummer: 4711-0815", "4711-0815", "ID"),
    ("NHC: 445566", "445566", "ID"),
    ("DOB 01/02/1980", "01/02/1980", "DATE"),
    ("on 03/14/2020 and", "03/14/2020", "DATE"),
    ("on March 3rd, 2020", "March 3rd, 2020", "DATE"),
    ("2020-03-14T10:00:00Z", "2020-03-14T10:00:00Z", "DATE"),
    ("20200314103000", "20200314103000", "DATE"),
    ("CT_20200314_chest", "20200314", "DATE"),
    ("in January 2020", "January 2020", "DATE"),
    ("Jan '80", "Jan '80", "DATE"),
    ("02JAN1980", "02JAN1980", "DATE"),
    ("seen Mar 14", "Mar 14", "DATE"),
    ("Monday 3/14", "Monday 3/14", "DATE"),
    ("el 2 de enero de 1980", "2 de enero de 1980", "DATE"),
    ("am 2. Januar 1980", "2. Januar 1980", "DATE"),
    ("le 1er janvier 1980", "1er janvier 1980", "DATE"),
    ("93 yo woman", "93", "AGE"),
    ("aged 95", "95", "AGE"),
    ("097Y", "097Y", "AGE"),
    ("Tel (555) 234-5678 x12", "(555) 234-5678 x12", "CONTACT"),
    ("fax +49 30 1234567", "+49 30 1234567", "CONTACT"),
    ("mail john.smith@x.org", "john.smith@x.org", "CONTACT"),
    ("see http://a.b/c?d=1", "http://a.b/c?d=1", "CONTACT"),
    ("from 192.168.1.10", "192.168.1.10", "CONTACT"),
    ("at 123 Main St, then", "123 Main St", "LOCATION"),
    ("Springfield, IL 62701-1234", "62701-1234", "LOCATION"),
    ("PO Box 123", "PO Box 123", "LOCATION"),
    ("at Mercy General Hospital in", "Mercy General Hospital", "LOCATION"),
    ("he attends Lakovia Primary", "Lakovia Primary", "LOCATION"),
    ("ws=RAD-RM7-PC2 |", "RAD-RM7-PC2", "ID"),
    ("4/9 | 0800 | 132/80", "4/9", "DATE"),
    ("3/10 | 0800 | 140/88", "3/10", "DATE"),
    ("worked as a court clerk between terms", "court clerk", "PROFESSION"),
    ("dos 5 17 22 surgeon", "5 17 22", "DATE"),
    ("C2D1 FOLFIRI 4/26, port", "4/26", "DATE"),
    ("GBS neg 6/2. Records", "6/2", "DATE"),
    ("vom 3.–9. Juni 2021 in", "3.–9. Juni 2021", "DATE"),
    ("with Drs. Kowalczyk and Wu.", "Wu", "NAME"),
    ("Your nurse tonight was Okonkwo.", "Okonkwo", "NAME"),
    ("mother of Mikhail called", "Mikhail", "NAME"),
    ("con su esposa Ximena, refiere", "Ximena", "NAME"),
    ("clinic. Faith, daughter, present", "Faith", "NAME"),
    ("CIRCULATOR N Kowalczyk RN", "N Kowalczyk", "NAME"),
    ("12 rue de la Paix", "12 rue de la Paix", "LOCATION"),
    ("Hauptstraße 12", "Hauptstraße 12", "LOCATION"),
    ("wohnhaft Am Mühlbach 472, 37073 Kempten", "Am Mühlbach 472", "LOCATION"),
    ("seen by John Smith, MD", "John Smith", "NAME"),
    ("dr patel", "patel", "NAME"),
    ("Patient: SMITH, JOHN A", "SMITH, JOHN A", "NAME"),
    ("Patient Name: Rose Black", "Rose Black", "NAME"),
    ("Ref. by Dr. O'Neil", "O'Neil", "NAME"),
    ("Herr Schmidt; Mme Dupont", "Schmidt", "NAME"),
    ("SMITH^JOHN", "SMITH^JOHN", "NAME"),
    ("REFERRED TO DR PATELSON TODAY", "PATELSON", "NAME"),
    ("dr. vincent sanchez", "vincent sanchez", "NAME"),
    ("Paciente: García López, María", "García López, María", "NAME"),
    ("Dr. Ada B. Simić came", "Ada B. Simić", "NAME"),
    ("I examined Ada B. Kowalczyk on Monday", "Ada B. Kowalczyk", "NAME"),
    ("Examination of Echo Bolt (born 04.09.1975)", "Echo Bolt", "NAME"),
    ("NAME Kowalczyk, Ada L / MRN", "Kowalczyk, Ada L", "NAME"),
    ("worse since Labor Day", "Labor Day", "DATE"),
    ("the day after Christmas he fell", "Christmas", "DATE"),
    ("unchanged since mid-February", "February", "DATE"),
    ("home Sunday the 10th", "Sunday the 10th", "DATE"),
    ("2/6-2/9 in hospital", "2/6-2/9", "DATE"),
    ("extubated 2/7", "2/7", "DATE"),
    ("mother 94 and well", "94", "AGE"),
    ("lived to 101", "101", "AGE"),
    ("92F, found down", "92", "AGE"),
    ("ninety-six, drives", "ninety-six", "AGE"),
    ("paged 4471", "4471", "CONTACT"),
    ("pgr 88-4021", "88-4021", "CONTACT"),
    ("last 4 1188", "1188", "ID"),
    ("Last4 1188", "1188", "ID"),
    ("Surg Adekunle/Voss. Anaes K Tran.", "Adekunle", "NAME"),
    ("Surg Voss. Anaes K Tran.", "K Tran", "NAME"),
    ("badge #4471", "4471", "ID"),
    ("fingerprint id FP-00193-RT", "FP-00193-RT", "ID"),
    ("grp GP5519", "GP5519", "ID"),
    ("her daughter (Kowalczyk)", "Kowalczyk", "NAME"),
    ("charge nurse Kowalczyk aware", "Kowalczyk", "NAME"),
    ('goes by "Kip"', "Kip", "NAME"),
    ("calls himself Kip", "Kip", "NAME"),
    ("gave his name as Kip Yarrow", "Kip Yarrow", "NAME"),
    ('answers to "Kip"', "Kip", "NAME"),
    ("Injected: cmr", "cmr", "NAME"),
    ("Signed electronically by KOWALCZYK A", "KOWALCZYK A", "NAME"),
    ("Boise, ID 83702", "83702", "LOCATION"),
]

HARD_NEGATIVES = """in 2019 he had
Braden 16. May shower
4 of 9th and 10th ribs fractured
labeled "right breast"
Blood culture 2/2 bottles
last month, 3 days ago, two weeks ago
45 yo man, age 67
5.2 x 3.1 cm 120/80 T1/2 L4/5 3/10 500 mg
ICD-10 I10.9, CPT 71250, LOINC 1234-5
Surg Onc follow up. Anaes GA, ETT 7.5. Surg History none
BRCA1 KEYNOTE-189 NCT01234567 trial
Image 12 of 120 series 3
v1.2.3 version 2.10.12
Grade 2/3 Gleason 3+4=7
ratio 1:20 at 10:30 am
Parkinson disease, Foley catheter, Baker cyst
may 5 show
pain on 3/10 scale
500-1000 mg every 4-6 hours
2 Chest CT
Patient: denies chest pain
Patient: Female
L4 5MM NODULE
platelets 250000, WBC 12.5
SNOMED 22298006
BP 120/80, HR 90, O2 sat 98%
90 day supply, 95% confidence
1.2.840.10008.5.1.4.1.1.2
EF 55-60%
Outside Hospital records, Emergency Department
90 years of smoking
10/10 pain, 5/5 strength, 2/6 murmur
COVID-19, SARS-CoV-2
4D CT 10 phases 0-90
Dr. appointment next week
positive in 5/12 cores, in 2/9 nodes
Via EMS Medic 14 from home, VIA EMS 7
mother of two, father of Twins
Asthma, mother. CAD, father; Crohn, sister
Your doctor is aware, my nurse was late
RE +1.25/-0.50x90 LE
FHx: dad MI 49, mom DM
on the seventh rib, to the 5th digit
works at Night, attends AA meetings
Sehr geehrte Frau Kollegin,
ws: normal
Patient Foley removed.
Pt Foley d/c'd at 0600
Patient Hickman catheter flushed
Study 1 of 2, order 2 tests
PHILIPS MR IMAGING DD 001, MR BRAIN, DR CHEST, MR ENTEROGRAPHY, MS PLAQUES
FW-CAM 2.7.5.0, IM000011, 000000000
Patient: Yes, I am sure. Patient: Okay I will
two years ago. 6 beers
vitamin B12 1000 mcg, A1c 7.2, HLA-B27, H1N1 2009
100 mL at 3 mL/s, mAs 120 kVp 100, TR/TE 500/15
FOV 240x240 matrix 256x256
Christmas disease, Christmas tree pattern, CHRISTMAS trial
temp 101F, T 98 F, ninety percent
VA 6/12 R, symptoms since 6/12 months
may march on, in mar stage
Interpreter ID 30442x, page 3 of 4
RN called, PCP follow up, SW Consult, CM Assessment
Tech: US, Op: yes
pain on 5/10, strength in 5/5
sub 5 mm, auth pending
Patient with ovarian cancer (CA125) and (T2N0M0)
resides at ALF since 2010. BP 12345
Viewed by CT2019, verified by protocol v2
Sent to pacs01, transferred to ward12, exported to CT2019""".splitlines()


@pytest.mark.parametrize(("text", "value", "entity"), FOUND)
def test_structured_identifiers_are_found(text: str, value: str, entity: str) -> None:
    spans = [(text[span.begin : span.end], span.entity) for span in find_patterns(text)]
    assert (value, entity) in spans


@pytest.mark.parametrize("text", HARD_NEGATIVES)
def test_text_that_resembles_an_identifier_is_not_found(text: str) -> None:
    assert [text[span.begin : span.end] for span in select_identifying(find_patterns(text))] == []


def test_a_wrong_check_digit_is_not_an_nhs_number() -> None:
    assert find_patterns("number 943 476 5918 x")[0].subtype != "MRN"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("God bless,\nPhil (all call me so)", "Phil"),
        ("many thanks\nSiobhán Ní Bhriain\n", "Siobhán Ní Bhriain"),
        ("thanks\nPlease call the ward", None),
    ],
)
def test_a_name_below_a_closing_is_found(text: str, name: str | None) -> None:
    names = [text[span.begin : span.end] for span in find_patterns(text) if span.entity == "NAME"]
    assert names == ([name] if name else [])


def test_a_town_before_a_postcode_is_no_name() -> None:
    text = "Wexcombe, Utah 02139"
    assert not any(span.entity == "NAME" for span in find_patterns(text))


@pytest.mark.parametrize(("digit", "expected"), [("1", True), ("2", False)])
def test_the_check_digit_decides_about_a_payment_card(digit: str, expected: bool) -> None:
    spans = find_patterns(f"card 4111 1111 1111 111{digit}")
    assert any(span.subtype == "ACCOUNT" for span in spans) is expected


def test_names_of_patterns_are_unique() -> None:
    names = [pattern.name for pattern in patterns()]
    assert len(set(names)) == len(names)


@given(st.text(max_size=60), st.sampled_from(FOUND), st.text(max_size=60))
def test_offsets_are_code_points_of_the_original(
    before: str, case: tuple[str, str, str], after: str
) -> None:
    text = f"{before}\n{case[0]}\n{after}"
    begin = len(before) + 1 + case[0].index(case[1])
    spans = find_patterns(text)
    hidden = {i for span in spans for i in range(span.begin, span.end)}
    wanted = {i for i in range(begin, begin + len(case[1])) if text[i].isalnum()}
    assert wanted <= hidden
    assert all(0 <= span.begin < span.end <= len(text) for span in spans)


@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")
def test_expressions_mean_the_same_in_java(tmp_path: Path) -> None:
    source = tmp_path / "Check.java"
    source.write_text(_JAVA)
    (tmp_path / "patterns").write_text("\n".join(p.java() for p in patterns()), "utf-8")
    texts = [case[0] for case in FOUND] + HARD_NEGATIVES
    (tmp_path / "texts").write_text("\n".join(texts), "utf-8")
    done = subprocess.run(
        ["java", "-Dfile.encoding=UTF-8", str(source), str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    java = [line.split("\t") for line in done.stdout.splitlines()]
    for index, (text, value, _) in enumerate(FOUND):
        values = [row[1] for row in java if int(row[0]) == index]
        assert any(value in v for v in values), text


_JAVA = """
import java.nio.file.*;
import java.util.*;
import java.util.regex.*;
public class Check {
  public static void main(String[] a) throws Exception {
    List<String> texts = Files.readAllLines(Path.of(a[0], "texts"));
    var out = new java.io.PrintStream(System.out, true, "UTF-8");
    for (String p : Files.readAllLines(Path.of(a[0], "patterns"))) {
      Pattern c = Pattern.compile(p);
      for (int i = 0; i < texts.size(); i++) {
        Matcher m = c.matcher(texts.get(i));
        while (m.find()) out.println(i + "\\t" + m.group());
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("DR. KOWALCZYK, PATIENT HAD HILUM FULLNESS", ["KOWALCZYK"]),
        ("STOPPED BY DR. KOWALCZYK NO FEVER UA CLEAN", ["KOWALCZYK"]),
        ("MRS. KOWALCZYK FELL AT HOME", ["KOWALCZYK"]),
        ("ATTENDING: KOWALCZYK, LONG T   AGE: 44", ["KOWALCZYK, LONG T"]),
        ("SEEN BY: BLACK, ROSE M", ["BLACK, ROSE M"]),
        ("READING MD: SEE BELOW", []),
        ("Dr Kowalczyk ABD W CONTRAST", ["Kowalczyk"]),
        ("Dr Camille DUBREUIL", ["Camille DUBREUIL"]),
    ],
)
def test_a_name_in_capitals_ends_before_words(text: str, names: list[str]) -> None:
    found = [text[s.begin : s.end] for s in find_patterns(text) if s.entity == "NAME"]
    assert found == names


@pytest.mark.parametrize(
    "text", ["Pt Tx plan", "Notified MD", "paged GI", "Pt Denies pain", "updated POC", "RN aware"]
)
def test_words_after_a_role_are_not_always_a_name(text: str) -> None:
    assert not [s for s in find_patterns(text) if s.entity == "NAME"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("s/p R TKA 1/8. POD 3", ["1/8"]),
        ("s/p L4-5 TFESI 2/20 w/ relief", ["2/20"]),
        ("s/p FOLFOX 4/6 cycles", []),
        ("s/p fall, strength 4/5", []),
        ("s/p 2/3 doses", []),
    ],
)
def test_month_and_day_after_a_procedure_are_a_date(text: str, dates: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_patterns(text) if s.entity == "DATE"] == dates


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ssn 412\u201366\u20139083", "412\u201366\u20139083"),
        ("tel 503\u2011555\u20110142", "503\u2011555\u20110142"),
        ("MRN:\u00a00012\u00a0", "0012"),
        ("\uff11\uff12/\uff10\uff13/\uff12\uff10\uff12\uff10", None),
        ("Dr. \u0141uczak came", "\u0141uczak"),
        ("Mrs. \u0160imi\u0107", "\u0160imi\u0107"),
        ("seen by Mr. O\u2019Brien\u2011Smith", "O\u2019Brien\u2011Smith"),
    ],
)
def test_typographic_characters_and_other_capitals_are_read(text: str, value: str | None) -> None:
    assert [text[s.begin : s.end] for s in find_patterns(text)] == [value or text]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("INTAKE\nMonica 29M, off meds", ["Monica"]),
        ("Patrick Oyelaran, 61 yo with gout", ["Patrick Oyelaran"]),
        ("April 12 F/u booked", []),
        ("Level 3 F", []),
    ],
)
def test_a_given_name_before_an_age_is_a_patient(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_patterns(text) if s.entity == "NAME"] == names


def test_a_name_ends_before_the_title_of_the_next() -> None:
    text = "Mr. John Smith, Dr. J. Okonkwo and Mrs. Lind, Mr. Berg"
    assert [text[s.begin : s.end] for s in find_patterns(text)] == [
        "John Smith",
        "J. Okonkwo",
        "Lind",
        "Berg",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lisinopril gave Patrick a cough", ["Patrick"]),
        ("LISINOPRIL GAVE MONICA A COUGH", ["MONICA"]),
        ("After nine days Monica was transferred to the ward", ["Monica"]),
        ("Lisinopril was admitted as the cause", []),
        ("This gave Foley a bad name", []),
    ],
)
def test_a_name_before_a_transfer_or_after_a_treatment_is_found(
    text: str, names: list[str]
) -> None:
    assert [text[s.begin : s.end] for s in find_patterns(text) if s.entity == "NAME"] == names


@pytest.mark.parametrize(
    ("name", "words"),
    [("name_relative_other", "relatives.anywhere"), ("name_relative", "relatives.named")],
)
def test_every_relative_has_a_character_sequence_that_the_pattern_needs(
    name: str, words: str
) -> None:
    (pattern,) = (one for one in patterns() if one.name == name)
    missed = [w for w in listed_words(words) if not any(map(w.__contains__, pattern.needs))]
    assert not missed


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_street_may_continue_on_the_next_line(end: str) -> None:
    text = f"Home address: 12 Long{end}Meadow Road, discharged well"
    assert f"12 Long{end}Meadow Road" in [text[s.begin : s.end] for s in find_patterns(text)]


def test_a_title_on_the_next_line_does_not_end_a_street() -> None:
    for text in ("23 January 2017\nDear Dr Mbatha,", "Ward 12\nDear Dr Mbatha,"):
        assert not [s for s in find_patterns(text) if s.entity == "LOCATION"]


def test_a_street_ends_with_its_paragraph() -> None:
    text = "Dose: 12\n\nMeadow Road"
    assert "12" not in "".join(text[s.begin : s.end] for s in find_patterns(text))
