"""Grades in the forms that other systems read: Canvas, Moodle, Gradescope, GitHub."""
