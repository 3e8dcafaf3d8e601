"""How a command says that it failed."""


class CommandError(Exception):
    """Ends the command with a message on standard error.

    Exit code 2: what was given is wrong. Exit code 1: something that is needed does not work.
    """

    def __init__(self, message: str, *, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
