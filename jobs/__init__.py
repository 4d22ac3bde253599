"""The commands of Safelight, each a thin main over ``jobs.common``."""
