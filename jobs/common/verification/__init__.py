"""Verify outputs of images and notes."""
