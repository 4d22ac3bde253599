"""Import of Karnak profiles."""

import pytest
from pydicom.dataset import Dataset

from safelight.rules import CompiledRules, parse_rules
from safelight.rules.importers import RulesImportError, import_rules
from safelight.rules.importers.karnak.conditions import convert_condition
from tests.rules.importers.test_import_behaviour import deidentify, make_object, read

PROFILE = """name: "Profile"
version: "1.0"
minimumKarnakVersion: "0.9.2"
defaultIssuerOfPatientID:
profileElements:
  - name: "Keep"
    codename: "action.on.specific.tags"
    condition: "tagValueContains(#Tag.StudyDescription, 'R2D2') && !tagIsPresent(#Tag.Rows)"
    action: "K"
    tags: ["(0008,1030)"]
  - name: "Remove"
    codename: "action.on.specific.tags"
    action: "X"
    tags: ["(0018,xxxx)"]
    excludedTags: ["0018,0060"]
  - name: "Dates"
    codename: "action.on.dates"
    option: "date_format"
    arguments: {remove: "month_day"}
    tags: ["0008,002X"]
  - name: "Shift"
    codename: "action.on.dates"
    option: "shift_range"
    arguments: {max_seconds: 60, min_days: 50, max_days: 100}
    tags: ["0008,003X", "00100030"]
  - name: "Expression"
    codename: "expression.on.tags"
    arguments: {expr: "stringValue == 'CT99'? Keep() : Remove()"}
    tags: ["(0008,1010)"]
  - name: "Text"
    codename: "expression.on.tags"
    arguments: {expr: "Replace('X-' + getString(#Tag.Modality))"}
    tags: ["(0010,4000)"]
  - name: "Add"
    codename: "action.add.tag"
    arguments: {value: "S1", vr: "LO"}
    tags: ["(0012,0030)"]
  - name: "DICOM basic profile"
    codename: "basic.dicom.profile"
"""


@pytest.fixture(scope="module")
def new():
    values = {"StudyDescription": "R2D2 HEAD", "PatientComments": "Max"}
    return read(PROFILE, make_object(**values))


def test_a_condition_keeps_an_element(new):
    assert new.StudyDescription == "R2D2 HEAD"
    other = read(PROFILE, make_object(StudyDescription="HEAD Max"))
    assert "Max" not in str(other.get("StudyDescription", ""))


def test_excluded_tags_are_not_removed(new):
    assert not new.get("SliceThickness") and new.KVP == 120


def test_dates_are_reduced_or_shifted(new):
    assert new.StudyDate == "20190101"
    assert new.PatientBirthDate not in ("", "19470608")


def test_times_and_ages_are_shifted(new):
    assert new.StudyTime not in ("", "101112")
    text = PROFILE.replace('"0008,003X"', '"0010,1010"')
    assert "perturb" in import_rules(text, "profile.yml").text
    assert read(text).PatientAge in ("046Y", "047Y", "048Y")


def test_expressions_are_applied(new):
    assert new.StationName == "CT99" and new.PatientComments == "X-CT"
    assert not read(PROFILE, make_object(StationName="CT98")).get("StationName")


def test_elements_are_added(new):
    assert new.ClinicalTrialSiteID == "S1"


def test_a_kept_tag_below_the_profile_stays_with_the_profile():
    profile = PROFILE + '  - {codename: action.on.specific.tags, action: K, tags: ["0010,0010"]}\n'
    assert read(profile).PatientName != "Mustermann^Max"


def test_an_unknown_condition_keeps_nothing():
    profile = PROFILE.replace("tagValueContains", "tagValueResembles")
    assert import_rules(profile, "profile.yml").has_downgrades
    assert "Max" not in str(read(profile, make_object(StudyDescription="R2D2 Max")))


def test_masks_become_regions_or_remarks():
    masks = 'masks:\n  - {stationName: "R2", color: "00ff00", rectangles: ["25 75 150 50"]}\n'
    imported = import_rules(PROFILE + masks, "profile.yml")
    assert "[[25, 75, 150, 50]]" in imported.text or imported.has_downgrades


def test_the_result_is_a_rules_file():
    assert parse_rules(import_rules(PROFILE, "profile.yml").text, "x").name == "profile"


@pytest.mark.parametrize(
    "text", ["tagIsPresent(#Tag.NoKeyword)", "a && b", "!" * 99, "(", "tagIsPresent(", "?"]
)
def test_other_conditions_are_unknown(text):
    assert convert_condition(text) is None


def test_other_texts_are_refused():
    with pytest.raises(RulesImportError, match="profileElements"):
        import_rules("a: 1\n", "profile.yml", "karnak")


def expression(text, tag="(0008,1010)"):
    return (
        "profileElements:\n  - codename: expression.on.tags\n"
        f"    arguments: {{expr: \"{text}\"}}\n    tags: ['{tag}']\n"
        "  - codename: basic.dicom.profile\n"
    )


def test_the_range_of_a_shift_is_that_of_the_profile():
    imported = import_rules(PROFILE, "a")
    assert parse_rules(imported.text, "a").shift_range == (-100, -50)
    assert any("secret key" in one.text and not one.is_downgrade for one in imported.remarks)
    fixed = PROFILE.replace("shift_range", "shift").replace("min_days", "days")
    assert any("fixed number" in one.text for one in import_rules(fixed, "a").remarks)


def test_an_excluded_instance_is_quarantined():
    text = expression("stringValue == 'CT99' ? ExcludeInstance() : Keep()")
    assert deidentify(text).data is None
    assert read(text, make_object(StationName="CT98")).StationName == "CT98"


def test_conditions_have_operators_as_words_and_null():
    text = expression("stringValue != null and not stringValue == 'X' ? Keep() : Remove()")
    assert read(text).StationName == "CT99"
    assert not read(text, make_object(StationName="X")).get("StationName")


@pytest.mark.parametrize("tag", ["(0010,0010)", "PatientID"])
def test_the_identity_of_the_patient_is_always_replaced(tag):
    new = read(expression("Keep()", tag))
    assert new.PatientID != "MRN-4711" and new.PatientName != "Mustermann^Max"


def make_element(tag, action="X", more=""):
    """Return a profile with one element for specific tags."""
    return (
        "profileElements:\n  - name: one\n    codename: action.on.specific.tags\n"
        f"    action: {action}\n    tags: ['{tag}']\n{more}"
        "  - {name: basic, codename: basic.dicom.profile}\n"
    )


def make_nested():
    """Return an object with KVP at three levels, the deepest below two sequences."""
    inner, outer = Dataset(), Dataset()
    inner.KVP, outer.KVP = "3", "2"
    outer.DerivationImageSequence = [inner]
    outer.ReferencedSOPClassUID, outer.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2"
    return make_object(ReferencedStudySequence=[outer], KVP="1")


@pytest.mark.parametrize(
    ("tag", "removed"),
    [
        ("(0018,0060)", "123"),
        (".(0018,0060)", "1"),
        ("(0008,1110).(0018,0060)", "2"),
        (".(0008,1110).(0018,0060)", "2"),
        (".(0008,9124).(0018,0060)", ""),
        ("(0008,9124).(0018,0060)", "3"),
        ("*.(0018,0060)", "23"),
        ("**.(0018,0060)", "23"),
        ("(0008,9124).*", "3"),
        ("(0008,1110).(0008,9124).0018XXXX", "3"),
    ],
)
def test_a_path_selects_inside_its_sequences(tag, removed):
    rules = parse_rules(import_rules(make_element(tag), "p.yml").text, "p")
    level = CompiledRules(rules).get_root_level("")
    levels = {"1": level, "2": level.get_item_level(0x00081110)}
    levels["3"] = levels["2"].get_item_level(0x00089124)
    assert (
        "".join(
            number
            for number, one in levels.items()
            if one.rules[0x00180060].source == "p elements[2]"
        )
        == removed
    )


def test_a_path_of_a_kept_element_keeps_it_there_only():
    text = make_element("(0008,1110).(0018,0060)", "K")
    assert 'tag: "*/(0008,1110)/(0018,0060)", action: keep' in import_rules(text, "p.yml").text


def test_an_unknown_path_gets_a_remark():
    assert import_rules(make_element("(0008,111).(0018,0060)"), "p.yml").has_downgrades
    assert not read(make_element("(0008,111).(0018,0060)")).get("KVP")
    with pytest.raises(RulesImportError, match=r"line \d+: expected a tag .* correct it"):
        import_rules(make_element("(0008,111)"), "p.yml")
    assert not import_rules(make_element("0009,0010"), "p.yml").has_downgrades


@pytest.mark.parametrize("key", ["excludedTags", "exceptedtags"])
def test_excluded_tags_are_excluded_at_each_depth(key):
    text = make_element("(0018,XXXX)", "K", f"    {key}: ['(0018,0060)']\n")
    assert '"except": ["*/(0018,0060)"]' in import_rules(text, "p.yml").text.replace(
        "except:", '"except":'
    )


def test_an_element_with_an_unknown_key_keeps_nothing():
    imported = import_rules(make_element("(0008,1030)", "K", "    scope: item\n"), "p.yml")
    assert imported.has_downgrades and "action: keep" not in imported.text


def test_a_default_dummy_is_a_dummy():
    assert read(make_element("(0008,1010)", "DDum")).StationName not in ("", "CT99")


def test_a_present_element_may_be_empty():
    text = make_element("(0008,1010)", "K", "    condition: tagIsPresent(#Tag.Manufacturer)\n")
    assert read(text, make_object(Manufacturer="")).StationName == "CT99"


def profile_of(element):
    """Return a profile with one profile element before the Basic Profile."""
    return (
        "name: x\nprofileElements:\n  - name: a\n    "
        + element.replace("\n", "\n    ")
        + "\n  - {name: b, codename: basic.dicom.profile}\n"
    )


def test_all_uids_are_replaced():
    new = read(profile_of("codename: replace.uid"), make_object(DeviceUID="1.2.3.9"))
    assert new.DeviceUID not in ("", "1.2.3.9")


def test_a_value_of_a_service_becomes_a_pseudonym():
    text = profile_of(
        'codename: action.replace.api\narguments: {url: "http://x"}\ntags: ["(0008,1010)"]'
    )
    assert read(text).StationName not in ("", "CT99")
    assert "service" in import_rules(text, "x.yml").remarks[-1].text


@pytest.mark.parametrize("codename", ["action.add.private.tag", "something.new"])
def test_what_has_no_counterpart_and_no_tags_is_told(codename):
    (remark,) = import_rules(profile_of(f"codename: {codename}"), "x.yml").remarks
    assert remark.line == 3 and remark.text.startswith("left out") and remark.is_downgrade


def test_a_computed_age_is_the_age_of_the_object():
    text = profile_of(
        'codename: expression.on.tags\narguments: {expr: "ComputePatientAge()"}\n'
        'tags: ["(0010,1010)"]'
    )
    assert read(text).PatientAge == "047Y"


@pytest.mark.parametrize(
    ("tags", "station", "manufacturer"),
    [("(xxxx,xxxx)", None, "ACME"), ("(0008,xxxx)", None, None)],
)
def test_an_expression_compares_the_vr(tags, station, manufacturer):
    text = profile_of(
        'codename: expression.on.tags\narguments: {expr: "vr == #VR.SH ? Remove() : Keep()"}\n'
        f'tags: ["{tags}"]'
    )
    new = read(text)
    assert (new.get("StationName"), new.get("Manufacturer")) == (station, manufacturer)


_ADDED = """codename: action.add.private.tag
arguments: {value: sample, vr: SH, privateCreator: KARNAK-PRIVATE}
tags: ["(0057,1000)"]"""


def test_a_private_element_is_added_with_its_creator():
    new = read(profile_of(_ADDED))
    assert new[0x00570010].value == "KARNAK-PRIVATE"
    assert (new[0x00571000].VR, new[0x00571000].value) == ("SH", "sample")


def test_a_private_element_that_exists_is_not_added():
    dataset = make_object()
    dataset.private_block(0x57, "KARNAK-PRIVATE", create=True).add_new(0, "SH", "own")
    assert 0x00571000 not in read(profile_of(_ADDED), dataset)


def test_a_private_element_without_a_creator_is_left_out():
    text = profile_of(_ADDED.replace(", privateCreator: KARNAK-PRIVATE", ""))
    assert "privateCreator" in import_rules(text, "x.yml").remarks[0].text
    assert 0x00571000 not in read(text)
