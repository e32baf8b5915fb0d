"""What people and programs take from the warehouse: published rows, files of them, answers to questions, contracts.

What belongs here: reading, and the shapes in which it is handed out (pandas, Arrow, files, text). What doesn't: writing
to the warehouse, deciding which rows are right (publishing/), how an engine runs a SELECT (warehouse/).
"""
