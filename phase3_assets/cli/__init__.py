"""The command line `phase3`: thin over the same code that Dagster runs.

What belongs here: which modules of commands there are. Exit status everywhere: 0 done, 1 something was held back or
failed, 2 wrong usage or configuration.
"""

from phase3_assets.cli import deciding, looking, working
from phase3_assets.cli.common import main

__all__ = ["deciding", "looking", "main", "working"]
