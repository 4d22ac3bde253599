"""Safelight on AWS: start runs, react to uploads, and exchange images with HealthImaging."""
