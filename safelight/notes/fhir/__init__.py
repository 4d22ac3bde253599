"""Process FHIR R4 resources."""
