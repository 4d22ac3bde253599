"""Keep the mapping of pseudonyms in a DynamoDB table instead of a Delta table."""
