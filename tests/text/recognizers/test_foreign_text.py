"""Names and places in five languages are found by their context; terms are kept."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from safelight.text.recognizers.foreign_lists import load_lists
from safelight.text.recognizers.foreign_text import find_foreign_spans


def found(text: str, entity: str) -> set[str]:
    """Return the values of an entity that are found in a text."""
    return {text[one.begin : one.end] for one in find_foreign_spans(text) if one.entity == entity}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wir danken Herrn Prof. Dr. med. Grimmelwick für die Überweisung.", "Grimmelwick"),
        ("Schwester Jolanthe gab Paracetamol.", "Jolanthe"),
        ("Begleitung durch die Tochter Wibke.", "Wibke"),
        ("Vorname: Ottokar", "Ottokar"),
        ("Ottokar Fenne, geb. am 2.11.1948", "Ottokar Fenne"),
        ("Valorada por la Dra. Peñaranda Soto en consulta", "Peñaranda Soto"),
        ("Acude con su esposa, Marisol, por dolor", "Marisol"),
        ("Apellidos: Arrizabalaga de la Ruiz", "Arrizabalaga de la Ruiz"),
        ("hospitalisé par le Docteur Vaucresson", "Vaucresson"),
        ("Concerne : Mme Eléonore Huchet, née le 19 août", "Eléonore Huchet"),
        ("eseguita dalla Dott.ssa Serenella Ostuni", "Serenella Ostuni"),
        ("La moglie Ornella riferisce dolore", "Ornella"),
        ("Médico de família: Dr. Rogério Monteiro", "Rogério Monteiro"),
        ("Avisado o filho, Rúben Quintas", "Rúben Quintas"),
    ],
)
def test_a_word_before_or_after_a_name_introduces_it(text: str, name: str) -> None:
    assert name in found(text, "NAME")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Domicilio: C/ Doctor Esquerdo 18, 3º B", "C/ Doctor Esquerdo 18, 3º B"),
        ("residente in via del Mulino 7", "via del Mulino 7"),
        ("Travessa da Fonte, n.º 3, 2.º Esq.", "Travessa da Fonte, n.º 3, 2.º Esq."),
        ("48301 Eschenfelde", "48301 Eschenfelde"),
        ("3500-021 Mangualde", "3500-021 Mangualde"),
        ("Verlegung nach Ibbenbüren.", "Ibbenbüren"),
        ("remitido desde el Centro de Salud Los Álamos", "Centro de Salud Los Álamos"),
        ("in das St.-Elisabeth-Krankenhaus", "St.-Elisabeth-Krankenhaus"),
        ("transféré à la Clinique des Trois Vallées", "Clinique des Trois Vallées"),
        ("accolta in Casa di Cura Villa Serena", "Casa di Cura Villa Serena"),
    ],
)
def test_streets_towns_and_institutions_are_found(text: str, place: str) -> None:
    assert place in found(text, "LOCATION")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DNI: 45678912X", "45678912X"),
        ("Numéro de sécurité sociale : 2 48 11 14 118 045 62", "2 48 11 14 118 045 62"),
        ("Codice fiscale FRDRST48S02F844K", "FRDRST48S02F844K"),
        ("Cartão de cidadão: 12345678 9 ZZ1", "12345678 9 ZZ1"),
        ("Aktenzeichen SD-2022-0417", "SD-2022-0417"),
    ],
)
def test_identifiers_are_found_by_their_label(text: str, value: str) -> None:
    assert value in found(text, "ID")


def test_a_name_is_found_wherever_it_is_repeated() -> None:
    text = "Remitido por la Dra. Bermejosa. Próxima cita: Bermejosa, en tres semanas."
    spans = [one for one in find_foreign_spans(text) if one.entity == "NAME"]
    assert {one.begin for one in spans} >= {text.index("Bermejosa"), text.rindex("Bermejosa")}


def test_a_capital_inside_of_a_sentence_is_a_proper_name_in_romance_languages() -> None:
    assert "Fuensalida" in found("vive sola en Fuensalida desde hace años", "LOCATION")
    assert not found("Patient mit der Appendizitis und die Wirbelkörper ist nicht", "NAME")


@pytest.mark.parametrize(
    "text",
    [
        "signo de Murphy negativo",
        "maladie de Crohn écartée",
        "morbo di Basedow escluso",
        "sinal de Blumberg positivo",
        "quiste de Baker de 3 cm",
        "tratamento com Amoxicillin",
        "Klinik für Innere Medizin",
        "Hospital: Aufnahme am Montag",
    ],
)
def test_eponyms_drugs_and_vocabulary_are_kept(text: str) -> None:
    assert not find_foreign_spans(text)


def test_the_expressions_of_the_lists_have_no_groups() -> None:
    files = ("foreign_text.yaml", "foreign_terms.yaml", "foreign_dates.yaml")
    lists = (load_lists(one).items() for one in files)
    for name, values in chain.from_iterable(lists):
        expressions = [
            one if isinstance(one, str) else f"{one['label']} {one['value']}" for one in values
        ]
        assert not [one for one in expressions if re.compile(one).groups], name
