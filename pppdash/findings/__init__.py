"""A warehouse and filters → the results of an analysis.

One function a question, called alike by the page, the command line and whatever else tells it.
Nothing here knows a screen or keeps a cache.
"""
