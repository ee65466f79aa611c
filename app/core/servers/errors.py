"""What can go wrong with a server that this checkout starts itself."""


class ServerError(Exception):
    """A server could not be started or stopped; the text is a sentence for the operator."""


class AlreadyRunning(ServerError):
    """Another process holds the data directory."""
