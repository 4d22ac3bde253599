"""Tests on a Spark standalone cluster of several processes."""
