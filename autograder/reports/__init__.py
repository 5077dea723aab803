"""Feedback pages, texts, grade tables and the class report, all made from result records."""
