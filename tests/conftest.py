"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A slow machine is not a failure: property tests have no deadline, and the same cases each time.
settings.register_profile(
    "safelight", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("safelight")
