"""Answers for machines: CSV files whose columns are fixed by the questionnaire, never by the data."""
