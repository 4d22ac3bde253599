"""Train the gate's second look: a small network that tells text from what is only as fine."""
