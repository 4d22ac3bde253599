"""Rates of the actions of AWS HealthImaging, and the token bucket of each action.

Source: page "AWS HealthImaging throttling limits" of the developer guide. The limits apply to an
account, and AWS Support can raise them. The page has no limits for searches and stores by
DICOMweb; they have those of ``SearchImageSets`` and ``GetDICOMInstance`` here.
"""

from __future__ import annotations

import os
from functools import cache

from jobs.common.aws.rate_limit import TokenBucket, shared_bucket
from jobs.common.cli.errors import UsageError

#: Requests per second, and burst, by action.
ACTION_RATES = {
    "GetDatastore": (10.0, 20.0),
    "StartDICOMImportJob": (1.0, 2.0),
    "GetDICOMImportJob": (25.0, 50.0),
    "ListDICOMImportJobs": (10.0, 20.0),
    "SearchImageSets": (25.0, 50.0),
    "GetImageSet": (25.0, 50.0),
    "GetImageSetMetadata": (50.0, 100.0),
    "GetImageFrame": (1000.0, 2000.0),
    "ListImageSetVersions": (25.0, 50.0),
    "UpdateImageSetMetadata": (0.25, 1.0),
    "CopyImageSet": (0.25, 1.0),
    "DeleteImageSet": (0.25, 1.0),
    "GetDICOMInstance": (50.0, 100.0),
    "GetDICOMInstanceMetadata": (50.0, 100.0),
    "GetDICOMInstanceFrames": (50.0, 100.0),
    "GetDICOMSeriesMetadata": (50.0, 100.0),
    "GetDICOMBulkdata": (50.0, 100.0),
    "SearchDICOM": (25.0, 50.0),
    "StoreDICOM": (50.0, 100.0),
}

#: Share of the rates that is used: requests arrive at other intervals than they are sent.
USED_SHARE = 0.9

#: Variable with a factor of all rates, for an account whose limits AWS has raised, or which other
#: readers use at the same time.
FACTOR_VARIABLE = "SAFELIGHT_HEALTHIMAGING_RATE_FACTOR"


@cache
def action_bucket(action: str) -> TokenBucket:
    """Return the token bucket of an action; all callers of a process share it.

    Raises
    ------
    UsageError
        If the factor of the rates is not a positive number.
    """
    rate, burst = ACTION_RATES[action]
    factor = _rate_factor() * USED_SHARE
    return shared_bucket(rate * factor, burst * factor)


def _rate_factor() -> float:
    text = os.environ.get(FACTOR_VARIABLE) or "1"
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor < 1e6:
        raise UsageError(f"{FACTOR_VARIABLE} must be a positive number, such as 2")
    return factor
