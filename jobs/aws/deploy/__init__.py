"""Deploy the stacks of conf/aws by CloudFormation."""
