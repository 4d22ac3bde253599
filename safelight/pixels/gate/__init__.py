"""Render the frames of an object and select the regions that can hold text."""
