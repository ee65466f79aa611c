"""Start everything: `python run.py`, or `make run`."""

import os
import signal
import sys

# Loading the application takes a moment; a Ctrl-C meanwhile just ends it, without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from app.core.servers.supervise import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    sys.exit(main(os.environ))
