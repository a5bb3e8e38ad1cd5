"""Frames in, frozen results out; no screen, no database."""
