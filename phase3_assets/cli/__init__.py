"""The command line `phase3`: thin over the same code that Dagster runs.

What belongs here: which modules of commands there are. Exit status everywhere: 0 done, 1 something was held back or
failed, 2 wrong usage or configuration.
"""

import sys

from phase3_assets.errors import ConfigurationError

try:
    from phase3_assets.cli import check as checking
    from phase3_assets.cli import decide as deciding
    from phase3_assets.cli import drill as drilling
    from phase3_assets.cli import explain as explaining
    from phase3_assets.cli import health as examining
    from phase3_assets.cli import load as loading
    from phase3_assets.cli import look as looking
    from phase3_assets.cli import publish as publishing
    from phase3_assets.cli import ready as starting
    from phase3_assets.cli import report as reporting
    from phase3_assets.cli import setup as beginning
    from phase3_assets.cli import take as taking
    from phase3_assets.cli import versions as remembering
    from phase3_assets.cli.common import main
except ConfigurationError as error:
    # The calendar (settings/calendar.py) is read when it is imported, before any command could explain an error.
    sys.stderr.write(f"phase3: {error}\n")
    raise SystemExit(2) from error

__all__ = [
    "beginning",
    "checking",
    "deciding",
    "drilling",
    "examining",
    "explaining",
    "loading",
    "looking",
    "main",
    "publishing",
    "remembering",
    "reporting",
    "starting",
    "taking",
]
