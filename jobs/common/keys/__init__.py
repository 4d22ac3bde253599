"""Create, check and rotate keys, and seal originals again under the current key."""
