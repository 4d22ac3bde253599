"""Encrypt original values for the holder of a certificate (PS3.15, section E.1.1).

The result is a CMS EnvelopedData (RFC 5652) with RSA key transport (RFC 3370) and AES-256 in CBC
mode (RFC 3565), as PS3.15 requires. It can be opened with `safelight reidentify`, or with
``openssl cms -decrypt -inform DER``.
"""
