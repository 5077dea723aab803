"""The figures of each topic: what to draw stands in the notebook, how to draw it stands here."""
