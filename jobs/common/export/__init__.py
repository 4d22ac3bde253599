"""Copy selected objects to a release."""
