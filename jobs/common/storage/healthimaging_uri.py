"""Parse URIs of AWS HealthImaging: a data store, a study, a series or an instance.

``healthimaging://DATASTORE[/studies/UID[/series/UID]][?region=…][&retrieve=frames][&Modality=…]``
names sources. The URI of one source ends with ``/instances/UID``, always has a region, and has
``imageSetId`` if the image set is not the primary one of its series.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

from jobs.common.cli.errors import UsageError

SCHEME = "healthimaging"

#: Ways to read an instance: the file that the service builds (WADO-RS), or the metadata of the
#: image set and its frames, from which the file is built here.
DICOMWEB, FRAMES = "dicomweb", "frames"

#: Matching keys of QIDO-RS that an input may have. Others could identify a patient, and arguments
#: are visible to other users of a machine and in the user interface of Spark.
MATCHING_KEYS = frozenset({"Modality", "ModalitiesInStudy", "StudyDate"})

_DATASTORE = re.compile(r"[0-9a-z]{32}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_LEVELS = ("studies", "series", "instances")

_FORM = (
    "give healthimaging://DATASTORE-ID[/studies/UID[/series/UID]][?region=REGION]"
    "[&retrieve=dicomweb|frames][&Modality=MODALITY]"
)


@dataclass(frozen=True)
class HealthImagingUri:
    """A data store, or a part of it. HOLDS PHI: the UIDs.

    Attributes
    ----------
    datastore : str
        ID of the data store.
    study, series, instance : str
        UIDs; empty if all are named.
    region : str
        Region; empty for that of the environment.
    retrieve : str
        ``dicomweb`` or ``frames``.
    image_set : str
        ID of an image set that is not primary.
    matching : tuple of (str, str)
        Matching keys of QIDO-RS with their values.
    """

    datastore: str
    study: str = field(default="", repr=False)
    series: str = field(default="", repr=False)
    instance: str = field(default="", repr=False)
    region: str = ""
    retrieve: str = DICOMWEB
    image_set: str = ""
    matching: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def path(self) -> str:
        """Canonical spelling without the scheme and the data store."""
        uids = (self.study, self.series, self.instance)
        path = "/".join(
            f"{level}/{quote(uid, safe='')}" for level, uid in zip(_LEVELS, uids) if uid
        )
        query = [
            ("region", self.region),
            ("retrieve", self.retrieve if self.retrieve != DICOMWEB else ""),
            ("imageSetId", self.image_set),
            *sorted(self.matching),
        ]
        text = urlencode([(name, value) for name, value in query if value])
        return f"{path}?{text}" if text else path

    @property
    def uri(self) -> str:
        """Canonical spelling."""
        path = self.path
        separator = "" if path.startswith("?") or not path else "/"
        return f"{SCHEME}://{self.datastore}{separator}{path}"


def parse_healthimaging_uri(text: str) -> HealthImagingUri:
    """Parse a URI of the scheme ``healthimaging``.

    Raises
    ------
    UsageError
        If it is malformed. The message has none of its UIDs and values.
    """
    rest = text.removeprefix(f"{SCHEME}://")
    rest, _, query = rest.partition("?")
    datastore, _, path = rest.strip("/").partition("/")
    if not _DATASTORE.fullmatch(datastore):
        raise UsageError(f"a data store of HealthImaging has an ID of 32 characters; {_FORM}")
    segments = path.split("/") if path else []
    uids = [unquote(uid) for uid in segments[1::2]]
    if segments[::2] != list(_LEVELS[: len(uids)]) or len(segments) % 2 or not all(uids):
        raise UsageError(f"the path below the data store is malformed; {_FORM}")
    options, matching = _parse_query(query)
    study, series, instance = [*uids, "", "", ""][:3]
    return HealthImagingUri(
        datastore,
        study,
        series,
        instance,
        _check_option(options, "region", "", _REGION.fullmatch),
        _check_option(options, "retrieve", DICOMWEB, lambda value: value in (DICOMWEB, FRAMES)),
        _check_option(options, "imageSetId", "", _DATASTORE.fullmatch),
        matching,
    )


def _parse_query(query: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Return the options and the matching keys of a query."""
    options: dict[str, str] = {}
    matching = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in MATCHING_KEYS and value:
            matching.append((name, value))
        elif name in ("region", "retrieve", "imageSetId"):
            options[name] = value
        else:
            raise UsageError(
                f"an option of a healthimaging:// URI is not known or is empty; {_FORM}. Keys that "
                f"can be matched are {', '.join(sorted(MATCHING_KEYS))}: others may identify a "
                "patient, and arguments are visible to others"
            )
    return options, tuple(sorted(matching))


def _check_option(
    options: dict[str, str], name: str, default: str, is_valid: Callable[[str], object]
) -> str:
    """Return the value of an option.

    Parameters
    ----------
    options : dict
        Given options.
    name : str
        Name of the option.
    default : str
        Value if it is not given.
    is_valid : callable
        Returns a true value for a valid one.

    Raises
    ------
    UsageError
        If the value is not valid.
    """
    if name not in options:
        return default
    if not is_valid(options[name]):
        raise UsageError(f"the value of {name} in a healthimaging:// URI is malformed; {_FORM}")
    return options[name]
