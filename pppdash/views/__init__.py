"""Results in; figures, maps, tables and sentences out. Pure: nothing here knows Streamlit."""
