"""Training data: records, the filter, duplicates, contamination, corpora."""
