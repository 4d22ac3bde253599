"""Find the values that are known of a patient."""
