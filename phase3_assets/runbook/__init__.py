"""What to do about everything that the project can tell a person: the paragraphs of docs/runbook.md.

What belongs here: what each word means, how urgent it is, what to do, how to undo that. What doesn't: when a word is
said (publishing/, health/, doctor/), and the page itself, which `make runbook` writes from here.
"""
