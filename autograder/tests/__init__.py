"""Tests of the engine and of the repository; one file per module or promise."""
