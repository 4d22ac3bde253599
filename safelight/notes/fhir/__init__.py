"""FHIR R4 resources: patients, references, and the rules of their elements."""
