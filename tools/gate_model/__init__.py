"""Train the gate CNN: a small network that distinguishes text from fine structures in pixels."""
