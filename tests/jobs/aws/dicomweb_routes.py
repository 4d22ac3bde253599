"""Routes of DICOMweb of the stand-in for AWS HealthImaging."""

from __future__ import annotations

from tests.jobs.aws.healthimaging_server import Route

DICOMWEB_ROUTES: tuple[Route, ...] = ()
