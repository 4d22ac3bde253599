"""Read, shift and write dates as they occur in text."""
