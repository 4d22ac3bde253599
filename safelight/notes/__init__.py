"""Clinical notes and records: tables, FHIR, HL7v2 and plain text, row by row."""
