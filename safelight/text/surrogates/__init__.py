"""Replace identifying values by surrogates that are derived from the key and the patient."""
