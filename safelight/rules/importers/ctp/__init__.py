"""Import the scripts of the RSNA Clinical Trial Processor (CTP): anonymizer, filters, pixels."""
