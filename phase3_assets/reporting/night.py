"""What is recorded about the games of some dates, collected in one look: what a night report says.

What belongs here: asking for it, and putting each game, date and check together. What doesn't: what changed
(corrections.py), drawing (pictures.py), words on the page (page.py). Writes nothing to the warehouse.

Scores and usage rates are of rows that a publication vouches for (reading/published.py). A game that is held back has
none here, as it has none for any other reader.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from phase3_assets.catalog.parameters import date_parameters
from phase3_assets.catalog.queries import prepared, sql_text
from phase3_assets.catalog.tables import completion_contract, published_tables
from phase3_assets.clock import utc_now
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.check import GAMES_COMPLETE, check_description
from phase3_assets.publishing.game import Decision, Game
from phase3_assets.publishing.measure import OFFENDING_ROWS, complete_from, kept_by_check, kept_query
from phase3_assets.publishing.remedies import what_to_do
from phase3_assets.publishing.states import reader_state, tables_of_states
from phase3_assets.publishing.survey import Survey, survey_with
from phase3_assets.publishing.vocabulary import Severity
from phase3_assets.reading.published import published_sql
from phase3_assets.reporting.corrections import Correction, corrections
from phase3_assets.runbook.rules import RULES
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.interface import Query, Row, Warehouse
from phase3_assets.warehouse.schema import check_schema

MOST_DATES = 31
"""Dates that one report covers at most: a page of more is read by nobody, and no mail takes it."""
SOURCES = (
    "nbac_schedule",
    "nbac_team_boxscore",
    "nbac_gamebook_player_stats",
    "nbac_player_boxscores",
    "bigdataball_play_by_play",
)
"""The raw tables whose arrival a game's card tells, in the order in which they come."""
PASSED = "passed"
_TEAMS, _PLAYERS = "team_offense_game_summary", "player_game_summary"
_TEAM_COLUMNS = ("game_id", "team_abbr", "points_scored")
_PLAYER_COLUMNS = ("game_date", "game_id", "player_full_name", "team_abbr", "usage_rate", "minutes_played", "points")
_TIERS = ("gold", "silver", "bronze")
_SAMPLES = 5
"""Findings shown of a failed check."""


@dataclass(frozen=True)
class Arrival:
    """When a source's rows of a game came."""

    source: str
    """The raw table."""
    rows: int
    first_at: datetime
    latest_at: datetime
    is_used: bool
    """Whether the game's team rows or player rows are made of it; always of the schedule."""


@dataclass(frozen=True)
class Card:
    """A game on the night board."""

    game_id: str
    game_date: date
    away: str
    home: str
    state: str
    reason: str | None
    tier: str | None
    """The worst tier of its published rows; None where there are none."""
    scores: tuple[int, int] | None
    """Of the visitors and the home team; None where no published rows tell them."""
    left_out: str | None
    """Why its published rows are not believed now; None where they are."""
    arrivals: tuple[Arrival, ...]
    published_at: datetime | None
    """When its rows were first there in every table that must have them."""
    changed_at: datetime | None
    """When what readers see of it last changed after that; None where it has not."""
    to_do: tuple[str, ...]
    """What a person does about it."""
    late_hours: float | None
    """Hours since the end of its date (below 0 before it), where it is late; None where it is not."""

    @property
    def needs_attention(self) -> bool:
        """Whether the game is held back, late, or published with something against it."""
        return bool(self.to_do) or self.late_hours is not None


@dataclass(frozen=True)
class FailedCheck:
    """A check that failed on a date."""

    name: str
    severity: Severity
    offenders: int
    demand: str
    """What the check demands."""
    remedy: str
    samples: tuple[str, ...]
    """Findings that the games' latest publications recorded."""
    figures: tuple[tuple[str, float, float | None], ...]
    """What it measured: name, value, and the limit it is held against."""


@dataclass(frozen=True)
class Checked:
    """What the checks of one table say of one date."""

    table: str
    game_date: date
    passed: int
    failed: tuple[FailedCheck, ...]

    def count(self, severity: Severity) -> int:
        """How many of its checks failed with this severity."""
        return sum(check.severity is severity for check in self.failed)

    @property
    def verdict(self) -> str:
        """`passed`, or the worst severity."""
        return min((check.severity for check in self.failed), default=PASSED)


@dataclass(frozen=True)
class Failed:
    """A check that failed, where and when."""

    table: str
    game_date: date
    check: FailedCheck


@dataclass(frozen=True)
class Failures:
    """One check that failed, in some tables and on some dates in which it demands the same."""

    name: str
    demand: str
    failed: tuple[Failed, ...]

    @property
    def severity(self) -> Severity:
        """The worst."""
        return min(failed.check.severity for failed in self.failed)


@dataclass(frozen=True)
class UsageOf:
    """The usage rate of one player in one game."""

    player: str
    team: str
    game_id: str
    game_date: date
    rate: float
    """Percent."""
    minutes: float
    points: int | None
    is_brief: bool
    """Whether he was on the floor too briefly for a high figure to mean much (usage_rate_in_five_minutes.sql)."""


@dataclass(frozen=True)
class SeasonDay:
    """One date of the season with games."""

    game_date: date
    games: int
    """By the schedule, called-off games left out."""
    complete: int | None
    """Games complete in every table; None where no run has looked at the date."""
    expected: int | None
    """Games neither void nor waived; None likewise."""

    @property
    def coverage(self) -> float | None:
        """The share of expected games that are complete, 0 to 1; None where no run has looked at the date."""
        if self.complete is None or self.expected is None:
            return None
        return self.complete / self.expected if self.expected else 1.0


@dataclass(frozen=True)
class Night:
    """One date."""

    game_date: date
    cards: tuple[Card, ...]
    """Games that need attention first, then by id."""
    completion: Row | None
    """Its row of phase3_completion; None where no run has worked on it."""
    checked: tuple[Checked, ...]
    """A table each, in lineage order; only tables of which something was measured."""

    @property
    def states(self) -> dict[str, int]:
        """How many games are in each state, the most frequent first."""
        return dict(Counter(card.state for card in self.cards).most_common())


@dataclass(frozen=True)
class Report:
    """Everything that a report says."""

    first: date
    last: date
    made_at: datetime
    nights: tuple[Night, ...]
    usage: tuple[UsageOf, ...]
    """Every published usage rate, the highest first."""
    corrections: tuple[Correction, ...]
    season: tuple[SeasonDay, ...]
    """The dates with games of the season of `last`, in order."""

    @property
    def cards(self) -> list[Card]:
        """The cards of every night."""
        return [card for night in self.nights for card in night.cards]

    @property
    def failures(self) -> list[Failures]:
        """The checks that failed, each told once with its tables and dates; errors first."""
        found: dict[tuple[str, str], list[Failed]] = {}
        for night in self.nights:
            for one in night.checked:
                for check in one.failed:
                    found.setdefault((check.name, check.demand), []).append(Failed(one.table, night.game_date, check))
        told = [Failures(name, demand, tuple(failed)) for (name, demand), failed in found.items()]
        return sorted(told, key=lambda failures: (failures.severity, failures.name, failures.failed[0].table))

    @property
    def to_look_at(self) -> list[Card]:
        """The games that are held back, late, or published with something against them."""
        return [card for card in self.cards if card.needs_attention]


def night_report(warehouse: Warehouse, first: date, last: date, thresholds: Thresholds) -> Report:
    """What is recorded about the dates from `first` to `last` now.

    Raises ConfigurationError for more than 31 dates.
    """
    if (last - first).days >= MOST_DATES:
        raise ConfigurationError(
            f"{first} to {last} are {(last - first).days + 1} dates; a report covers {MOST_DATES} at most. Make one "
            "for each month."
        )
    with warehouse.session(read_only=True) as session:
        check_schema(session)
        surveyed = survey_with(session, first, last, _queries(first, last), thresholds, tables_of_states())
    made_at, days = utc_now(), [first + timedelta(days=n) for n in range((last - first).days + 1)]
    publications = sorted(surveyed.answers["publications"], key=lambda row: (row["finished_at"], row["publication_id"]))
    completion = {row["game_date"]: row for row in surveyed.answers["completion"]}
    cards = _cards(surveyed, publications, made_at)
    checked = _checked(surveyed, thresholds)
    nights = [
        Night(
            day,
            tuple(sorted((c for c in cards if c.game_date == day), key=lambda c: (not c.needs_attention, c.game_id))),
            completion.get(day),
            tuple(c for c in checked if c.game_date == day),
        )
        for day in days
    ]
    return Report(
        first,
        last,
        made_at,
        tuple(nights),
        tuple(_usage(surveyed.answers["players"])),
        tuple(corrections(warehouse, publications, first, last)),
        tuple(_season(surveyed.answers["season"], completion, last)),
    )


def _queries(first: date, last: date) -> dict[str, Query]:
    """What a report asks besides the games, by name."""
    dates, completion = date_parameters(first, last), completion_contract()
    return {
        "sources": (prepared(sql_text("reporting/sources")), dates),
        "publications": (prepared(sql_text("reporting/publications")), dates),
        "season": (prepared(sql_text("reporting/season")), dates),
        "completion": (
            f"SELECT {', '.join(completion.column_names)} FROM {completion.full_name} "
            "WHERE game_date BETWEEN @season_start_date AND @season_end_date",
            dates,
        ),
        "figures": kept_query(first, last),
        "teams": (published_sql(_TEAMS, _TEAM_COLUMNS), dates),
        "players": (_players_sql(), dates),
    }


@cache
def _players_sql() -> str:
    return prepared(
        "SELECT player.*, usage_rate_in_five_minutes(player.usage_rate, player.minutes_played) "
        f"AS usage_rate_in_five_minutes FROM (\n{published_sql(_PLAYERS, _PLAYER_COLUMNS)}\n) AS player"
    )


def _cards(surveyed: Survey, publications: Sequence[Row], now: datetime) -> list[Card]:
    scores: dict[str, dict[str, int]] = {}
    left_out: dict[str, str] = {}
    for row in [*surveyed.answers["teams"], *surveyed.answers["players"]]:
        if row["left_out"] is not None:
            left_out.setdefault(row["game_of_row"], row["left_out"])
        elif row.get("points_scored") is not None:
            scores.setdefault(row["game_id"], {})[row["team_abbr"]] = row["points_scored"]
    arrivals: dict[str, list[Row]] = {}
    for row in surveyed.answers["sources"]:
        arrivals.setdefault(row["game_id"], []).append(row)
    cards = []
    for game in surveyed.games.values():
        state, reason = reader_state(game)
        away, home = game.facts["away_team_abbr"], game.facts["home_team_abbr"]
        points = scores.get(game.game_id, {})
        told = [row for row in publications if row["game_id"] == game.game_id]
        published_at, changed_at = _moments(game, told)
        to_do, late_hours = what_to_do(game), _late_hours(game, state, now)
        cards.append(
            Card(
                game.game_id,
                game.game_date,
                away,
                home,
                state,
                reason,
                _tier(game),
                (points[away], points[home]) if {away, home} <= points.keys() else None,
                left_out.get(game.game_id),
                tuple(_arrivals(game, arrivals.get(game.game_id, []))),
                published_at,
                changed_at,
                tuple(to_do),
                late_hours,
            )
        )
    return cards


def _required() -> list[str]:
    """The tables about final games that must have rows of each."""
    return [table.name for table in tables_of_states() if not table.contract.has_optional_rows]


def _tier(game: Game) -> str | None:
    decisions = [game.decisions[name] for name in _required() if game.visible_rows(name)]
    tiers = [decision.quality_tier for decision in decisions if decision.quality_tier in _TIERS]
    return max(tiers, key=_TIERS.index, default=None)


def _moments(game: Game, told: Sequence[Row]) -> tuple[datetime | None, datetime | None]:
    """When the game's rows were first there in every required table, and last changed; None where they are not there.

    `told` are the decisions that changed what readers see of it, oldest first.
    """
    first: dict[str, datetime] = {}
    for row in told:
        if row["row_count"]:
            first.setdefault(row["table_name"], row["finished_at"])
    if not all(name in first and game.visible_rows(name) for name in _required()):
        return None, None
    published_at = max(first[name] for name in _required())
    changed = [row["finished_at"] for row in told if row["is_correction"] and row["table_name"] in _required()]
    return published_at, max(changed, default=None)


def _late_hours(game: Game, state: str, now: datetime) -> float | None:
    """Hours since the end of the game's date, where it is final and readers do not see it, or should long be final."""
    hours = (now - complete_from(game, tables_of_states()[0])).total_seconds() / 3600
    if state in ("waiting", "ready", "quarantined") or (state in ("scheduled", "live") and hours > 0):
        return hours
    return None


def _arrivals(game: Game, rows: Iterable[Row]) -> list[Arrival]:
    used = (SOURCES[0], game.facts["team_source"], game.facts["player_source"])
    found = [
        Arrival(row["source"], row["row_count"], row["first_at"], row["latest_at"], row["source"] in used)
        for row in rows
        if row["latest_at"] is not None
    ]
    return sorted(found, key=lambda arrival: SOURCES.index(arrival.source))


def _checked(surveyed: Survey, thresholds: Thresholds) -> list[Checked]:
    """What the checks of every table say of every date, as last measured."""
    samples = _samples(surveyed.decisions)
    found = []
    for table in published_tables():
        by_date: dict[date, list[tuple[str, Mapping[str, Row]]]] = {}
        for (check, day), figures in kept_by_check(surveyed.answers["figures"], table.name).items():
            told = figures.get(OFFENDING_ROWS)
            # A check that is no longer there, or could measure nothing, says nothing.
            if told is not None and told["value"] is not None and check in (*table.descriptions, GAMES_COMPLETE):
                by_date.setdefault(day, []).append((check, figures))
        for day, checks in sorted(by_date.items()):
            failed = [
                FailedCheck(
                    check,
                    Severity(figures[OFFENDING_ROWS]["severity"]),
                    round(figures[OFFENDING_ROWS]["value"]),
                    check_description(table, check, thresholds),
                    RULES[check].to_do.replace("DATE", day.isoformat()),
                    tuple(samples.get((table.name, day, check), ())[:_SAMPLES]),
                    tuple(
                        (name, row["value"], row["threshold"])
                        for name, row in sorted(figures.items())
                        if name != OFFENDING_ROWS and row["value"] is not None
                    ),
                )
                for check, figures in sorted(checks)
                if not figures[OFFENDING_ROWS]["passed"]
            ]
            failed.sort(key=lambda check: (check.severity, check.name))
            found.append(Checked(table.name, day, len(checks) - len(failed), tuple(failed)))
    return found


def _samples(decisions: Mapping[tuple[str, str], Decision]) -> dict[tuple[str, date, str], list[str]]:
    """What the audits of the latest publications found, by table, date and rule."""
    found: dict[tuple[str, date, str], list[str]] = {}
    for (table, game_id), decision in sorted(decisions.items()):
        for finding in json.loads(decision.findings or "[]"):
            text = f"{game_id}: {finding['subject'] or '(no key)'}: {finding['problem']}"
            found.setdefault((table, decision.game_date, finding["rule"]), []).append(text)
    return found


def _usage(rows: Iterable[Row]) -> list[UsageOf]:
    found = [
        UsageOf(
            row["player_full_name"],
            row["team_abbr"],
            row["game_id"],
            row["game_date"],
            float(row["usage_rate"]),
            float(row["minutes_played"] or 0),
            row["points"],
            row["usage_rate_in_five_minutes"] is None,
        )
        for row in rows
        if row["left_out"] is None and row["usage_rate"] is not None
    ]
    return sorted(found, key=lambda usage: (-usage.rate, usage.game_id, usage.player))


def _season(scheduled: Iterable[Row], completion: Mapping[date, Row], last: date) -> list[SeasonDay]:
    begins = date_parameters(last, last)["season_start_date"]
    games = {row["game_date"]: row["games"] for row in scheduled if row["game_date"] >= begins}
    games |= {
        day: row["games_scheduled"] - row["games_void"]
        for day, row in completion.items()
        if day >= begins and day not in games and row["games_scheduled"] > row["games_void"]
    }
    days = []
    for day, count in sorted(games.items()):
        row = completion.get(day)
        expected = row["games_scheduled"] - row["games_void"] - row["games_waived"] if row else None
        days.append(SeasonDay(day, count, row["games_complete"] if row else None, expected))
    return days
