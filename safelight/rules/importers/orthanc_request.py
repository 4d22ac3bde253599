"""Import the JSON body of a request to anonymize with Orthanc."""

from __future__ import annotations

import re

from safelight.rules.importers.json_comments import blank_comments
from safelight.rules.importers.models import ImportedRule, RulesImportError
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.importers.tag_patterns import convert_tag, is_private_creator
from safelight.rules.parsing.yaml_node import RulesError, YamlMapping, YamlNode, parse_document

#: Keys that say how elements are changed; other keys are about the request.
REQUEST_KEYS = ("Keep", "Remove", "Replace", "KeepPrivateTags", "DicomVersion")
#: Keys of requests to modify, which keep all attributes that they do not name.
MODIFICATION_KEYS = ("RemovePrivateTags", "Level")
_ITEM = re.compile(r"\[(\*|\d+)\]")


def read_request(text: str, builder: RulesFileBuilder) -> None:
    """Read a request. Where its parts contradict each other, the one that keeps least decides.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not such a request.
    """
    try:
        request = parse_document(blank_comments(text), builder.file).as_mapping(None)
        if not any(key in request for key in REQUEST_KEYS):
            raise RulesImportError(f"{builder.file} has none of {', '.join(REQUEST_KEYS)}")
        for key in filter(request.get, MODIFICATION_KEYS):
            builder.add_remark(
                request.require(key).line,
                f"{key} belongs to a request to modify, which keeps all other attributes; here, "
                "the profile decides on them",
            )
        if removed := request.get("Remove"):
            for one in removed.as_list():
                _add(one, one.as_text(), "remove", None, builder)
        if replaced := request.get("Replace"):
            _add_replacements(replaced.as_mapping(None), builder)
        if kept := request.get("Keep"):
            for one in kept.as_list():
                _add(one, one.as_text(), "keep", None, builder)
        if private := request.get("KeepPrivateTags"):
            _add_private(private, builder)
    except RulesError as error:
        raise RulesImportError(str(error)) from None


def _add_private(node: YamlNode, builder: RulesFileBuilder) -> None:
    """Add the rule for ``KeepPrivateTags``, which old requests give without a value."""
    if node.is_null:
        builder.add_remark(node.line, "KeepPrivateTags without a value: they are removed")
    elif node.as_boolean():
        builder.add(node.line, ImportedRule('(xxxx,"*",xx)', "keep", depth="*/"))


def _add_replacements(replaced: YamlMapping, builder: RulesFileBuilder) -> None:
    """Add the rules for ``Replace``."""
    for tag in replaced:
        node = replaced.require(tag)
        try:
            value = node.as_text()
        except RulesError:
            _add(node, tag, "remove", None, builder, "a sequence as a value has no counterpart")
        else:
            _add(node, tag, "literal", value, builder)


def _add(
    node: YamlNode,
    text: str,
    action: str,
    value: str | None,
    builder: RulesFileBuilder,
    remark: str = "",
) -> None:
    """Add the rules for one tag, or for a path such as ``Sequence[*].Element``."""
    keeps = action in ("keep", "literal")
    if keeps and any(item != "*" for item in _ITEM.findall(text)):
        builder.add_remark(node.line, f"left out: a single item in the path of {action}")
        return
    steps = [convert_tag(step) for step in _ITEM.sub("", text).split(".")]
    if not all(steps):
        if is_private_creator(text):
            return
        if not keeps and not text.replace(".", "").isalnum():
            raise RulesImportError(
                f"{builder.file}, line {node.line}: the tag has no counterpart; correct the tag"
            )
        builder.add_remark(node.line, f"left out: a tag of {action} that has no counterpart")
        return
    for selector in steps[-1]:
        path = "/".join([*(step[0] for step in steps[:-1]), selector])
        parameters = {} if value is None else {"value": value}
        depth = "" if keeps or len(steps) > 1 else None
        builder.add(node.line, ImportedRule(path, action, parameters, depth=depth, remark=remark))
        if action == "literal" and len(steps) == 1:
            builder.add_addition(node.line, selector, value or "", always=True)
