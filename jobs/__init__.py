"""The jobs: each a thin main over ``jobs.common``; the only place that knows Spark and S3."""
