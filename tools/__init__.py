"""Development tools: training, evaluation, generators of tables and lists, checks."""
