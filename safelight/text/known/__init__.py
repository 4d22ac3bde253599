"""Find the known values of a patient: names, dates, identifiers, contacts and places."""
