"""From two values to a verdict, from verdicts to points. Pure: no process, no file, no clock."""
