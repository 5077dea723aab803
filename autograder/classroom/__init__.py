"""The whole class: find submissions, grade them with several workers, keep every result."""
