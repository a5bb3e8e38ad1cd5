"""Frames to one DuckDB file a build, and back."""
