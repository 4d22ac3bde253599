"""Clients of AWS services, and what to do about their errors."""
