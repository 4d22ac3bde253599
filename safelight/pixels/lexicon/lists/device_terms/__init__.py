"""Terms that devices print next to the picture: one file for each modality and for makers."""
