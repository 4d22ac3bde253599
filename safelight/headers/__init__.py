"""Header stage: apply the compiled rules to the elements of a data set."""
