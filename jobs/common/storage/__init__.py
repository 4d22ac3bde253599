"""List, read and write objects in folders and on S3."""
