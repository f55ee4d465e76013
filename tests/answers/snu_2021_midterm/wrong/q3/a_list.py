"""A list in place of a dict."""

equivalent = [True, False, True]
