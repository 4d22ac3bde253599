"""Recognize surnames and places that name a disease, a sign, a score or a device."""
