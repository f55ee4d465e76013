"""The same results as a table on the terminal and as CSV files; a student's text is escaped here."""
