"""Converting a text to a value: only a spelling that is exactly a value of the type is accepted.

What belongs here: DuckDB's SQL for the value of a text; NULL if the text is no value of the type. Lossless spellings
are accepted (for an integer 12.0, for a date its midnight). Spellings that would lose something or need a guess are not
(for an integer 12.5 and 1,200, for a date 02/03/2026). What doesn't: reading files, naming the row that is wrong
(files.py).
"""

NULLS = ("", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a", "\\N", "<NA>", "NaT")
"""The texts by which programs mark a missing value."""
_TRUE = ("true", "t", "1", "1.0", "yes", "y")
_FALSE = ("false", "f", "0", "0.0", "no", "n")
_MIDNIGHT = r"([ T]00:00(:00(\.0+)?)?(Z|[+]00(:?00)?)?)?"
_ZONE = r" ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
_TIME = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]{{1,6}}0*)?)?({_ZONE})?)?"
_DUCKDB_TYPES = {"INT64": "BIGINT", "FLOAT64": "DOUBLE", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE"}
PLAUSIBLE_DATES = "BETWEEN DATE '1946-11-01' AND DATE '2099-12-31'"


def value_of(text: str, type_: str, date_format: str | None = None) -> str:
    """SQL for the value of BigQuery's `type_` in the SQL expression `text`; NULL if there is none.

    `date_format` (in the notation of strptime) is tried on texts that are no ISO date or time. A text exactly as DuckDB
    itself would write the value is accepted at once, in a fraction of the time; only other texts are matched against
    patterns.
    """
    plain = f"trim({text})"
    if type_ == "STRING":
        return f"CASE WHEN {plain} <> '' THEN {text} END"
    if type_ == "BOOL":
        return _flag(plain, date_format)
    other = {"INT64": _integer, "FLOAT64": _float, "DATE": _date, "TIMESTAMP": _time}[type_](plain, date_format)
    cast = f"TRY_CAST({plain} AS {_DUCKDB_TYPES[type_]})"
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {plain} AND isfinite({cast}) THEN {cast} ELSE {other} END"


def literals(texts: tuple[str, ...]) -> str:
    """The texts as SQL literals, separated by commas."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _integer(text: str, _format: str | None) -> str:
    # No two decimals of up to 15 digits share a DOUBLE, so a DOUBLE that is whole is exactly the number in the text.
    short = r"[+-]?([0-9]{1,15}|[0-9]{0,8}[.][0-9]{0,7})[eE][+-]?[0-9]{1,2}"
    double = f"TRY_CAST({text} AS DOUBLE)"
    return (
        rf"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+([.]0*)?') "
        rf"THEN TRY_CAST(regexp_replace({text}, '[.]0*$', '') AS BIGINT) "
        f"WHEN regexp_full_match({text}, '{short}') AND {double} = floor({double}) AND abs({double}) < 9e15 "
        f"THEN CAST({double} AS BIGINT) END"
    )


def _float(text: str, _format: str | None) -> str:
    number = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
    double = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN regexp_full_match({text}, '{number}') AND isfinite({double}) THEN {double} END"


def _flag(text: str, _format: str | None) -> str:
    true, false = (f"lower({text}) IN ({literals(words)})" for words in (_TRUE, _FALSE))
    return f"CASE WHEN {true} THEN true WHEN {false} THEN false END"


def _date(text: str, date_format: str | None) -> str:
    first = f"TRY_CAST(left({text}, 10) AS DATE)"
    iso = rf"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_MIDNIGHT}')"
    compact = rf"regexp_full_match({text}, '[0-9]{{8}}')"
    other = f"WHEN {compact} THEN TRY_CAST(TRY_STRPTIME({text}, '%Y%m%d') AS DATE)"
    if date_format:
        told = f"TRY_STRPTIME({text}, {literals((date_format,))})"
        other += f" WHEN {told} = date_trunc('day', {told}) THEN CAST({told} AS DATE)"
    return f"CASE WHEN {iso} THEN {first} {other} END"


def _time(text: str, date_format: str | None) -> str:
    zone = "CAST(timezone('UTC', {}) AS TIMESTAMP WITH TIME ZONE)"
    iso = f"regexp_full_match({text}, '{_TIME}')"
    other = f" ELSE {zone.format(f'TRY_STRPTIME({text}, {literals((date_format,))})')}" if date_format else ""
    return f"CASE WHEN {iso} THEN TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE){other} END"
