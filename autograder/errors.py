"""The two ways in which a command can end without doing its job, each with a message for the terminal."""


class UserError(Exception):
    """What was asked for cannot be done as asked; the message names the thing and the way out."""


class RefusedError(Exception):
    """The command will not do this, for instance because the isolation is below the configured level."""
