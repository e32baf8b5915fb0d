"""Why a published cell has its value: the formula with its numbers, its inputs, and what is recorded about it.

What belongs here: taking a table's SELECT apart, asking the warehouse for the values in between, and saying it in text.
What doesn't: the formulas (sql/), which rows readers get (reading/), computing rows that are published (publishing/).
"""
