"""Words, spelt as students do."""

equivalent = dict(relu="Yes", sigmoid="no", leaky_relu="TRUE")  # noqa: C408
