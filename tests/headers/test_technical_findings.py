"""Tests of technical strings that the text model takes for PHI."""

from __future__ import annotations

import pytest

from safelight.headers.technical_findings import drop_technical_findings
from safelight.records import Span


def find(value: str, text: str, entity: str, confidence: float = 0.7, engine: str = "ner") -> Span:
    """Return a guess of the model."""
    begin = value.index(text)
    return Span(begin, begin + len(text), entity, engine, confidence)


@pytest.mark.parametrize(
    ("value", "text", "entity"),
    [
        ("CT_SkullMidThigh", "SkullMidThigh", "NAME"),
        ("Ch_Abd_Enhan_5_0_MPR_cor", "Enhan", "NAME"),
        ("MAMMO SCREENING BILATERAL W/TOMO", "TOMO", "NAME"),
        ("TK JAMY BRZUSZNEJ", "BRZUSZNEJ", "NAME"),
        ("diffusion_tra_b1000_1500_ADC", "b1000", "DATE"),
        ("Body_20_000_CE_Std", "20_000", "DATE"),
        ("PLANNED IMAGING AGENT", "AGENT", "PROFESSION"),
        ("ACRIN-6698_ISPY2_MRI_T0", "ACRIN-6698", "ID"),
        ("CT_THOR_a_AB_W", "W", "NAME"),
        ("Extraction Catheter (EC)", "EC", "NAME"),  # the initials of the words before it
        ("Tachypnea of the Newborn (TON)", "TON", "NAME"),
        ("known TMQ", "TMQ", "NAME"),
        ("TRA FL3D HI RES VIEWS", "FL3D", "NAME"),
        ("Tight craniocervical junction", "Tight craniocervical junction", "LOCATION"),
        ("104 LUNG SAG 3X2", "104", "AGE"),
        ("CHABDPELV", "CHABDPELV", "NAME"),
        ("DynaCT", "DynaCT", "NAME"),
        ("Sospecha de fractura", "de", "NAME"),
        ("quarter bolus CA pre", "CA", "LOCATION"),
        ("American Heart Association", "American Heart Association", "LOCATION"),
        ("2-3 FINGER SYNDACTYLY", "2-3", "DATE"),
        ("Tc^99M^ DEPREOTIDE", "99M", "AGE"),
        ("CT Dynamic Chest Routi", "Routi", "NAME"),  # the end of the value cuts it
        ("ACRIN_6657/SCOUT", "6657/SCOUT", "ID"),  # a trial
        ("eay131", "eay131", "ID"),
        ("I-123 Scan", "I-123", "ID"),  # an isotope
        ("LUNG CAD 1.0 10.0.0.7", "1.0", "CONTACT"),  # a version
        ("dwi_SSh_b800", "b800", "ID"),
        ("MR prostaat", "prostaat", "NAME"),  # Dutch behind a modality
        ("cot song nghieng", "nghieng", "NAME"),  # Vietnamese
        ("Stromal_Tumor_(TUM)", "TUM", "NAME"),
        ("LIVER// C A P", "C A P", "NAME"),
        ("ColdRodCent22MIN_System", "ColdRodCent22MIN", "NAME"),
        ("American_Academy_of_Ophthalmology", "American_Academy", "LOCATION"),
    ],
)
def test_technical_strings_are_not_phi(value: str, text: str, entity: str) -> None:
    assert not drop_technical_findings(value, [find(value, text, entity)])


@pytest.mark.parametrize(
    ("value", "text", "entity"),
    [
        ("CT_Walker_5mm", "Walker", "NAME"),
        ("for Tomo", "Tomo", "NAME"),
        ("Dr. Enhan", "Enhan", "NAME"),
        ("CT HEAD Okonkwo", "Okonkwo", "NAME"),
        ("CT 12 Mar", "12 Mar", "DATE"),
        ("CT 3/12", "3/12", "DATE"),
        ("THINS - 458-61-8240", "THINS - 458-61-8240", "ID"),
        ("retired butcher", "butcher", "PROFESSION"),
        ("NOFILTER2 / 24.11.2007", "NOFILTER2 / 24.11.2007", "NAME"),
        ("Plainview Hospital Slide", "Plainview Hospital", "LOCATION"),
        ("knee, Austin, CA 78701", "CA 78701", "LOCATION"),
        ("known ZHOU", "ZHOU", "NAME"),
        ("CT 3/12 scan", "3/12", "DATE"),
        ("104 yo male", "104", "AGE"),
        ("Routi chest", "Routi", "NAME"),
        ("chest for Routi", "Routi", "NAME"),
        ("ACRIN 6657 4471903", "6657 4471903", "ID"),
        ("RTOG case 4471", "4471", "ID"),
        ("I-123456 Scan", "I-123456", "ID"),
        ("Mr prostaat", "prostaat", "NAME"),
        ("seen in Grand Rapids", "Grand Rapids", "LOCATION"),
    ],
)
def test_findings_of_people_stay(value: str, text: str, entity: str) -> None:
    span = find(value, text, entity)
    assert drop_technical_findings(value, [span]) == [span]


def test_milliseconds_are_no_title() -> None:
    value = "signal loss per 0.1ms TE increase"
    assert not drop_technical_findings(value, [find(value, "TE", "NAME", engine="key")])


def test_a_letter_next_to_a_name_stays() -> None:
    value = "Okonkwo W contrast"
    spans = [find(value, "Okonkwo", "NAME"), find(value, "W", "NAME")]
    assert drop_technical_findings(value, spans) == spans


def test_exact_findings_are_never_technical() -> None:
    span = find("Tomo", "Tomo", "NAME", engine="known")
    assert drop_technical_findings("Tomo", [span]) == [span]
