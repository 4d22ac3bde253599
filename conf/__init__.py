"""Configuration that ships with Safelight: rule sets, note fields, Spark settings, jars."""
