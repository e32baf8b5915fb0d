"""The names of the incidents, by themselves, so that help and Tab need not load what plays them.

What belongs here: the names. What doesn't: the incidents (incidents.py).
"""

BY_HAND, WRONG_CORRECTION, DAMAGED_SOURCE, WRONG_FORMULA = NAMES = (
    "rows-changed-by-hand",
    "wrong-correction",
    "damaged-source",
    "wrong-formula",
)
