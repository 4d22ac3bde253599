"""The Spark NLP pipeline that finds what identifies a person in clinical text."""
