"""HL7 v2 messages: syntax, subject, and the rules of their fields."""
