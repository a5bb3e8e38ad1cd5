"""What is claimed about methods, by simulation: ``make proof``.

Tests run the same generators on fewer draws; here they run long enough to put a figure on it.
"""
