"""Decode and encode frames of every supported transfer syntax."""
