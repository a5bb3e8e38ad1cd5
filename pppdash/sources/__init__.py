"""A city's files to typed, checked, placed frames."""
