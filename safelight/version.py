"""Version and implementation identifiers that are written to objects and tables."""

VERSION = "0.2.0"

#: Root of a UUID-derived UID (PS3.5, section B.2), fixed for this implementation.
IMPLEMENTATION_CLASS_UID = "2.25.247128562374612096337152893451790023617"
IMPLEMENTATION_VERSION_NAME = "SAFELIGHT_0_2_0"
