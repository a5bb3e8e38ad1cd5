"""The only package that knows Streamlit: frame, controls, cached data, how results are shown."""
