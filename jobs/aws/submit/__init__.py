"""Start runs on EMR and SageMaker.

The modules that build requests use the standard library only, so that an AWS Lambda function can
use them without other packages: ``cluster_sizes``, ``emr_ec2``, ``emr_eks``, ``emr_serverless``,
``release``, ``sagemaker``, ``spark_settings`` and ``tokens``.
"""
