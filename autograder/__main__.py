"""`python -m autograder VERB`: what `./course` hands over to."""

from autograder.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
