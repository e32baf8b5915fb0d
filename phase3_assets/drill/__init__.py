"""`phase3 drill`: an incident on made-up data, in a folder of its own, until the right command has put it right.

What belongs here: the incidents, judging answers, proving the end. What doesn't: the commands themselves, which run as
anybody's do, in a process of their own. The configured warehouse is never opened.
"""
