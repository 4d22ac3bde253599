"""Start one run per batch of uploads: the Lambda function behind the queue of S3's events.

What runs in Lambda imports the standard library and boto3 only.
"""
