"""The clock as a test sets it, for every module of the core that asks for the present moment.

What belongs here: setting it. What doesn't: a test's dates.
"""

import sys
from datetime import datetime

import pytest


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """From now on it is that moment, for everything that publishes, decides or watches."""
    for name, module in list(sys.modules.items()):
        if name.startswith("phase3_assets.") and "utc_now" in vars(module):
            monkeypatch.setattr(module, "utc_now", lambda: moment)
