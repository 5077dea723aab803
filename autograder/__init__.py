"""Build, grade and prove an exercise course on training neural networks."""
