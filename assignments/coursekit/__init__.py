"""The students' course kit: visible checks, data sets, plots and self-checking questions.

Needs NumPy; matplotlib is imported when the first figure is made.
"""
