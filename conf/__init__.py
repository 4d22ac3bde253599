"""Defaults that ship with the software: rule sets, Spark settings, infrastructure."""
