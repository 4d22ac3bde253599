"""List of safe private elements."""

from safelight.standard.private_elements import find_safe_element, load_safe_elements


def test_a_known_element_is_found_in_any_block_and_with_padding():
    entry = find_safe_element("SIEMENS MR HEADER ", 0x0019, 0x0C)
    assert entry.action == "keep" and entry.source == "E.3.10-1"
    assert find_safe_element("SIEMENS MR HEADER", 0x0019, 0x0D) != entry
    assert find_safe_element("OTHER", 0x0019, 0x0C) is None
    assert find_safe_element("PHILIPS MR IMAGING DD 001", 0x2005, 0x1E) == find_safe_element(
        "Philips MR Imaging DD 001", 0x2005, 0x1E
    )


def test_dates_and_uids_are_never_kept_unchanged():
    for (creator, group, _), entry in load_safe_elements().items():
        assert group % 2 == 1, creator
        if entry.vr in ("DA", "DT", "TM"):
            assert entry.action == "shift", (creator, entry)
        if entry.vr == "UI":
            assert entry.action == "uid", (creator, entry)


def test_identifying_and_opaque_elements_are_not_listed():
    for key, entry in load_safe_elements().items():
        assert entry.vr not in ("UN", "PN", "AE", ""), key
        own = entry.name.rsplit(":", 1)[-1].lower()
        for word in ("patient name", "patient id", "comment", "accession", "operator", "serial"):
            assert word not in own, (key, own)
        if entry.vr in ("OB", "OW"):
            assert "pixel" not in own and "payload" not in own, (key, own)


def test_the_list_has_its_size():
    assert len(load_safe_elements()) == 2414
