"""Parsers of the parts of a rules file. `safelight.rules.loader` combines them."""
