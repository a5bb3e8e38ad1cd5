"""Stands before uvloop in a server's path, so that Streamlit serves as if there were none."""

raise ModuleNotFoundError("No module named 'uvloop'", name="uvloop")
