"""Starts the emulator with its parsing and translations remembered; runs in the emulator's own environment.

What belongs here: what has to be inside its process. What doesn't: everything else about it (emulator.py).

It parses every text about fifteen times, in plain Python, which takes seconds for one of our longer texts; and every
session sends the same texts again, under its own staging names.
"""

import functools
import re
import sys

import sqlglot
from bqemulator.cli import main
from bqemulator.jobs import executor
from bqemulator.scripting import interpreter

_SESSION = re.compile(r"__([0-9a-f]{12})\b")
_ANY_SESSION = "0" * 12
_parse, _translate = sqlglot.parse_one, executor.rewrite_and_translate_statement
_translations = {}


@functools.lru_cache(maxsize=2000)
def _parsed(sql, read):
    return _parse(sql, read=read)


def _parse_again(sql, read=None, **options):
    return _parse(sql, read=read, **options) if options else _parsed(sql, read).copy()


async def _translate_again(bq_sql, **context):
    sessions = set(_SESSION.findall(bq_sql))
    if len(sessions) != 1 or "INFORMATION_SCHEMA" in bq_sql:
        return await _translate(bq_sql, **context)
    (session,) = sessions
    text = bq_sql.replace(session, _ANY_SESSION)
    if text not in _translations:
        _translations[text] = (await _translate(bq_sql, **context)).replace(session, _ANY_SESSION)
    return _translations[text].replace(_ANY_SESSION, session)


sqlglot.parse_one = _parse_again
executor.rewrite_and_translate_statement = interpreter.rewrite_and_translate_statement = _translate_again
sys.exit(main())
