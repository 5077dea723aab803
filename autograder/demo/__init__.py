"""The sample class: every kind of submission, laid out like a real class, with the outcome each must have."""
