"""De-identification of clinical notes and records: text, tables, FHIR, HL7 v2, CDA and PDF."""
