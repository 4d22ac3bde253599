"""Count what runs did and write it as HTML."""
