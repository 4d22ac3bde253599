"""Original values that are encrypted for the holders of certificates (PS3.15, section E.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.encryption.recipients import Recipient
from safelight.rules.selectors import Selector


@dataclass(frozen=True)
class EncryptionPolicy:
    """Part ``encrypt`` of a rule set.

    Attributes
    ----------
    recipients : tuple of Recipient
        Holders of a private key that opens the values.
    selectors : tuple of Selector
        Attributes of the top level whose original values are encrypted.
    """

    recipients: tuple[Recipient, ...]
    selectors: tuple[Selector, ...]

    def list_hash_content(self) -> dict[str, object]:
        """Return the content of the hash of the rule set."""
        return {
            "recipients": [one.fingerprint for one in self.recipients],
            "attributes": [one.text for one in self.selectors],
        }
