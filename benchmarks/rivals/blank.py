"""A page with nothing but a title: what Streamlit itself takes."""

import streamlit as st

st.title("Blank")
