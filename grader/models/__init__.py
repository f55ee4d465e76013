"""The records that cross module borders: what a rubric says, what was observed, what it is worth."""
