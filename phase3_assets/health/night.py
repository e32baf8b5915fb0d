"""One night: are its games published, what is held or late and why, highest usage, coverage, sources, checks.

What belongs here: reading the night and its lines. What doesn't: rows of other dates (drift.py), the rules (sql/).
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import published_table
from phase3_assets.health.line import Line, Verdict, bad, good, gravest
from phase3_assets.publishing.check import GAMES_COMPLETE
from phase3_assets.publishing.completion import read_completion
from phase3_assets.publishing.game import Game
from phase3_assets.publishing.measure import kept_query
from phase3_assets.publishing.plan import DUE, plan
from phase3_assets.publishing.remedies import what_to_do
from phase3_assets.publishing.states import reader_state, tables_of_states
from phase3_assets.publishing.survey import decisions_query, survey_with
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.runbook.book import CHECK, link, paragraph, reason_of
from phase3_assets.settings.calendar import TIMEZONE
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Row, Session

_PLAYERS = "player_game_summary"
_MORNING = time(4)
"""Eastern. By then every game of the date before is over."""
_GOLD = "gold"


@dataclass(frozen=True)
class Night:
    """What is there of one date."""

    day: date
    games: dict[str, Game]
    completion: Row | None
    checks: list[Row]
    """The latest figure of every check of the date."""
    coverage: list[Row]
    usage: Row | None
    limits: Thresholds
    now: datetime

    @property
    def expected(self) -> dict[str, tuple[str, str | None]]:
        """State and reason of every game that is neither void nor waived."""
        states = {game_id: reader_state(game) for game_id, game in self.games.items()}
        return {game_id: said for game_id, said in states.items() if said[0] not in ("void", "waived")}

    @property
    def missing(self) -> dict[str, list[tuple[str, str]]]:
        """By game, the tables that lack it with the reasons, as the last run has written them down."""
        found: dict[str, list[tuple[str, str]]] = {}
        for line in self.completion["missing"] if self.completion else ():
            game_id, table, reason = line.split(" ", 2)
            found.setdefault(game_id, []).append((table, reason))
        return found

    @property
    def hours_since(self) -> float:
        """Hours since the end of the date."""
        end = datetime.combine(self.day + timedelta(days=1), time(), ZoneInfo(TIMEZONE))
        return (self.now - end).total_seconds() / 3600

    @property
    def is_over(self) -> bool:
        """Whether every game of the date should be over."""
        morning = datetime.combine(self.day + timedelta(days=1), _MORNING, ZoneInfo(TIMEZONE))
        return self.now >= morning


def read_night(session: Session, day: date, limits: Thresholds, now: datetime) -> Night:
    """Look at one date; the tables must exist."""
    dates = date_parameters(day, day)
    further = {
        "checks": kept_query(day, day),
        "coverage": (_coverage_sql(), dates),
        "usage": (prepared(sql_text("health/highest_usage")), {"day": day}),
        "every_decision": decisions_query(day, day),
    }
    surveyed = survey_with(session, day, day, further, limits, tables_of_states())
    completion = read_completion(session, day, day)
    return Night(
        day=day,
        games=surveyed.games,
        completion=completion[0] if completion else None,
        checks=surveyed.answers["checks"],
        coverage=surveyed.answers["coverage"],
        usage=next(iter(surveyed.answers["usage"]), None),
        limits=limits,
        now=now,
    )


def night_lines(night: Night) -> list[Line]:
    """The lines about the night, that of its games first."""
    of_games = list(_game_lines(night))
    return [
        _games_line(night, of_games),
        *of_games,
        *_late_line(night),
        *_source_line(night),
        *_check_lines(night),
        *_usage_line(night),
        *_coverage_line(night),
    ]


def _games_line(night: Night, of_games: list[Line]) -> Line:
    expected = night.expected
    unseen = {line.subject for line in of_games}
    fact = f"{len(expected) - len(unseen)} of {len(expected)} games in every table"
    if not expected:
        others = Counter(reader_state(game)[0] for game in night.games.values())
        said = ", ".join(f"{count} {state}" for state, count in others.items())
        return good("games", f"no game to publish{f': {said}' if said else ''}")
    if not unseen:
        return good("games", fact)
    states = Counter(state for game_id, (state, _) in expected.items() if game_id in unseen)
    said = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return bad(
        "games", gravest(line.verdict for line in of_games), f"{fact}; the others: {said}", "see each game below"
    )


def _game_lines(night: Night) -> Iterator[Line]:
    """A line for each expected game that readers do not see, or not everywhere, or with something against it."""
    missing = night.missing
    for game_id, (state, reason) in night.expected.items():
        game, lacking = night.games[game_id], missing.get(game_id, [])
        is_published = state == "published"
        failing = [d for d in game.decisions.values() if d.standing.failing]
        if is_published and not failing and not reason and not lacking and night.completion is not None:
            continue
        kind, name = reason_of(state, reason)
        fact = f"{state}{f': {reason}' if reason else ''}"
        if is_published and not reason and lacking:
            reasons = Counter(why for _, why in lacking)
            fact = "; ".join(f"not in {_tables(lacking, why)}: {why}" for why in reasons)
        elif is_published and night.completion is None:
            fact = "published, and nobody has written down how complete its date is"
        to_do = " ".join(what_to_do(game)) or paragraph(kind, name).to_do
        if is_published and lacking and not reason:
            to_do = "`phase3 run DATE`"
        yield bad(
            "game",
            _verdict(night, state, bool(failing)),
            fact,
            to_do.replace("DATE", str(night.day)).replace("GAME_ID", game_id),
            game_id,
            link(kind, name),
        )


def _verdict(night: Night, state: str, is_failing: bool) -> Verdict:
    if state == "quarantined" or is_failing:
        return Verdict.ACT
    if state in ("scheduled", "live"):
        return Verdict.ACT if night.is_over else Verdict.LOOK
    if state == "waiting":
        return Verdict.ACT if night.hours_since > night.limits.games_complete_hours else Verdict.LOOK
    return Verdict.LOOK


def _tables(lacking: list[tuple[str, str]], why: str) -> str:
    return ", ".join(table for table, reason in lacking if reason == why)


def _late_line(night: Night) -> Iterator[Line]:
    """Published games whose raw rows have changed since; a change of code alone is told by code.py."""
    due = set()
    for step in plan(night.games.values(), tables_of_states()):
        game = night.games[step.game_id]
        decision = game.decisions.get(step.table)
        is_failing = decision is not None and bool(decision.standing.failing)
        is_changed = step.action in DUE and game.has_new_inputs(published_table(step.table)) and not is_failing
        if is_changed and reader_state(game)[0] == "published":
            due.add(step.game_id)
    if due:
        fact = f"raw rows of {len(due)} published games have changed, and no run has published them: {_named(due)}"
        yield bad("late", Verdict.LOOK, fact, f"`phase3 plan {night.day}` says why; `phase3 run {night.day}`")


def _source_line(night: Night) -> Iterator[Line]:
    """Games whose rows are not gold in a table of final games."""
    found: dict[str, tuple[str, str]] = {}
    for game_id, game in night.games.items():
        for table in tables_of_states():
            decision = game.decisions.get(table.name)
            tier = decision.quality_tier if decision and decision.row_count else None
            if decision and tier and tier != _GOLD and table.name != "defense_zone_analytics":
                told = [each["problem"] for each in json.loads(decision.findings or "[]") if each.get("problem")]
                found.setdefault(game_id, (tier, told[0] if told else table.name))
    if found:
        tiers = Counter(tier for tier, _ in found.values())
        counted = ", ".join(f"{count} {tier}" for tier, count in tiers.most_common())
        first, (_, why) = next(iter(found.items()))
        fact = f"{counted} of {len(night.games)} games; {first}: {why}"
        to_do = f"load the source that is named again; `phase3 audit {night.day}` names every game"
        yield bad("sources", Verdict.LOOK, fact, to_do)


def _check_lines(night: Night) -> Iterator[Line]:
    """Checks of the night's published rows that fail with an error; games_complete is told by the games."""
    failed: dict[str, list[str]] = {}
    warned = set()
    for row in night.checks:
        if row["passed"] or row["check_name"] == GAMES_COMPLETE:
            continue
        if row["severity"] == Severity.ERROR:
            failed.setdefault(row["check_name"], []).append(row["table_name"])
        else:
            warned.add((row["table_name"], row["check_name"]))
    for check, tables in sorted(failed.items()):
        fact = f"fails on {', '.join(sorted(set(tables)))}"
        to_do = f"`phase3 checks {night.day}` names the rows"
        yield bad("checks", Verdict.ACT, fact, to_do, check, link(CHECK, check))
    if not failed:
        made = {(row["table_name"], row["check_name"]) for row in night.checks}
        fact = f"{len(made)} made, no error, {len(warned)} warnings"
        if warned:
            which = ", ".join(sorted({check for _, check in warned}))
            fact += f": {which}; `phase3 checks {night.day}` names the rows"
        yield good("checks", fact)


def _usage_line(night: Night) -> Iterator[Line]:
    usage = night.usage
    if usage is None:
        return
    highest = usage["usage_rate"]
    who = f"{usage['player_full_name']}, {usage['team_abbr']}, {usage['minutes_played']:.0f} minutes"
    fact = f"{highest:.1f} % at most ({who})"
    if highest <= night.limits.usage_rate_high:
        yield good("usage", fact)
        return
    to_do = f"`phase3 explain {_PLAYERS} {night.day} {usage['player_lookup']} usage_rate`"
    yield bad("usage", Verdict.ACT if highest > 100 else Verdict.LOOK, fact, to_do)


def _coverage_line(night: Night) -> Iterator[Line]:
    """The share of players with minutes who have a usage rate, of the night and of its worst game."""
    if not night.coverage:
        return
    with_usage = sum(row["with_usage"] for row in night.coverage)
    with_minutes = sum(row["with_minutes"] for row in night.coverage)
    worst = min(night.coverage, key=lambda row: row["covered"] or 0)
    share = worst["covered"] or 0
    fact = f"{with_usage} of {with_minutes} players with minutes have a usage rate"
    if share >= night.limits.usage_coverage_warning:
        yield good("coverage", fact)
        return
    verdict = Verdict.ACT if share < night.limits.usage_coverage_error else Verdict.LOOK
    fact = f"{fact}; in {worst['game_id']} {worst['with_usage']} of {worst['with_minutes']}"
    yield bad(
        "coverage", verdict, fact, f"`phase3 audit {night.day} --table {_PLAYERS}`; load the team box score again"
    )


def _named(games: set[str]) -> str:
    first = sorted(games)[:3]
    return ", ".join(first) + (f" and {len(games) - len(first)} more" if len(games) > len(first) else "")


def _coverage_sql() -> str:
    """The measure of the usage check, over what is published of the date now."""
    contract = published_table(_PLAYERS).contract
    return prepared(
        f"WITH audited AS (SELECT {contract.audited_columns} FROM {contract.full_name} "
        f"WHERE {contract.partition} BETWEEN @start_date AND @end_date)\n"
        f"SELECT * FROM (\n{sql_text(f'tables/{_PLAYERS}/measures/game_coverage')}\n) AS game_coverage"
    )
