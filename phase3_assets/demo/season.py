"""A made-up season in the raw tables' shapes, the same for the same seed: for the demo, tests and benchmarks.

What belongs here: teams, rosters, a schedule, games whose box scores satisfy every identity, and the raw rows that each
source writes about them. What doesn't: the order in which sources arrive (story.py, tests).

Player seconds add up to 5 * 60 * (48 + 5 * overtimes); points come from makes; players add up to their team.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from phase3_assets.settings.calendar import TIMEZONE

Row = dict[str, Any]

TEAM_CODES = [
    "ATL",
    "BKN",
    "BOS",
    "CHA",
    "CHI",
    "CLE",
    "DAL",
    "DEN",
    "DET",
    "GSW",
    "HOU",
    "IND",
    "LAC",
    "LAL",
    "MEM",
    "MIA",
    "MIL",
    "MIN",
    "NOP",
    "NYK",
    "OKC",
    "ORL",
    "PHI",
    "PHX",
    "POR",
    "SAC",
    "SAS",
    "TOR",
    "UTA",
    "WAS",
]
_FIRST_NAMES = [
    "Aaron",
    "Bruno",
    "Cal",
    "Dario",
    "Émile",
    "Finn",
    "Goran",
    "Hugo",
    "Ivan",
    "Jalen",
    "Karim",
    "Luka",
    "Miles",
    "Nikola",
    "Omar",
    "Pau",
    "Quin",
]
_LAST_NAMES = [
    "Abbot",
    "Bošković",
    "Carter",
    "Diallo",
    "Evans",
    "Fofana",
    "Grant",
    "Hayes",
    "Ibekwe",
    "Jones",
    "Kovač",
    "Lopez",
    "Müller",
    "Novak",
    "Ortiz",
]
_BOOKS = ("draftkings", "fanduel", "BetMGM")
_DNP_REASONS = ("DNP - Coach's Decision", "DND - Injury/Illness", "DND - Rest", "NWT - Personal")
_COUNTS = [
    "points",
    "field_goals_made",
    "field_goals_attempted",
    "three_pointers_made",
    "three_pointers_attempted",
    "free_throws_made",
    "free_throws_attempted",
    "offensive_rebounds",
    "defensive_rebounds",
    "total_rebounds",
    "assists",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
]
_TEAM_COLUMNS = {
    "fg_made": "field_goals_made",
    "fg_attempted": "field_goals_attempted",
    "three_pt_made": "three_pointers_made",
    "three_pt_attempted": "three_pointers_attempted",
    "ft_made": "free_throws_made",
    "ft_attempted": "free_throws_attempted",
}


@dataclass(frozen=True)
class Player:
    """A made-up player; `weight` sets his share of floor time and shots."""

    name: str
    weight: float

    @cached_property
    def lookup(self) -> str:
        """The key that sources give him: plain letters, as their own loaders write it."""
        plain = self.name.translate(str.maketrans("Éšćčü", "esccu"))
        return re.sub(r"[^a-z0-9]", "", plain.lower())

    @property
    def birth_date(self) -> date:
        """A day that depends on the name alone, of somebody between 20 and 36."""
        return date(1990, 1, 1) + timedelta(days=sum(map(ord, self.name)) * 101 % 5700)


@dataclass
class Line:
    """One player's line in a game; `seconds` is None when he did not play."""

    player: Player
    team: str
    seconds: int | None
    counts: dict[str, int] = field(default_factory=dict)
    plus_minus: int = 0
    is_starter: bool = False
    status: str = "active"
    dnp_reason: str | None = None


@dataclass
class SimulatedGame:
    """A game as it was really played, whatever the sources write about it."""

    game_date: date
    number: int
    away: str
    home: str
    overtimes: int
    lines: list[Line]

    @property
    def game_id(self) -> str:
        """`20251021_AWAY_HOME`."""
        return f"{self.game_date:%Y%m%d}_{self.away}_{self.home}"

    @property
    def nba_game_id(self) -> str:
        """The league's ten digits."""
        return f"00225{self.number:05d}"

    @property
    def tip_off(self) -> datetime:
        """19:30 Eastern, in UTC."""
        return datetime.combine(self.game_date, time(19, 30), ZoneInfo(TIMEZONE)).astimezone(UTC)

    def total(self, team: str, count: str) -> int:
        """The team's sum of a counting statistic."""
        return sum(line.counts[count] for line in self.lines if line.team == team and line.seconds)

    def schedule_rows(self, is_final: bool = True) -> list[Row]:
        """The row of the morning's scrape, and that of the evening's final scrape where `is_final`."""
        row: Row = {
            "game_id": self.nba_game_id,
            "game_code": f"{self.game_date:%Y%m%d}/{self.away}{self.home}",
            "season_year": season_year(self.game_date),
            "game_date": self.game_date,
            "game_date_est": self.tip_off,
            "game_status": 1,
            "game_status_text": "Scheduled",
            "home_team_tricode": self.home,
            "away_team_tricode": self.away,
            "is_regular_season": True,
            "processed_at": self.tip_off - timedelta(hours=12),
        }
        final = {
            **row,
            "game_status": 3,
            "game_status_text": "Final",
            "home_team_score": self.total(self.home, "points"),
            "away_team_score": self.total(self.away, "points"),
            "processed_at": self.tip_off + timedelta(hours=3),
        }
        return [row, final] if is_final else [row]

    def team_boxscore_rows(self, is_placeholder: bool = False, processed_at: datetime | None = None) -> list[Row]:
        """Both teams' rows; where `is_placeholder`, the zeros that a scrape during the game leaves behind."""
        return [self._team_row(team, is_placeholder, processed_at) for team in (self.away, self.home)]

    def _team_row(self, team: str, is_placeholder: bool, processed_at: datetime | None) -> Row:
        counts = {count: 0 if is_placeholder else self.total(team, count) for count in _COUNTS}
        row: Row = {
            "game_id": self.game_id,
            "nba_game_id": self.nba_game_id,
            "game_date": self.game_date,
            "season_year": season_year(self.game_date),
            "team_id": 1610612700 + TEAM_CODES.index(team),
            "team_abbr": team,
            "is_home": team == self.home,
            "minutes": None if is_placeholder else f"{240 + 25 * self.overtimes}:00",
            "processed_at": processed_at or self.tip_off + timedelta(hours=3),
        }
        own = {count: value for count, value in counts.items() if count not in _TEAM_COLUMNS.values()}
        return {**row, **own, **{column: counts[count] for column, count in _TEAM_COLUMNS.items()}}

    def gamebook_rows(self) -> list[Row]:
        """The next morning's official gamebook: every listed player, whether he played or not."""
        return [
            {
                "game_id": self.game_id,
                "game_date": self.game_date,
                "season_year": season_year(self.game_date),
                "home_team_abbr": self.home,
                "away_team_abbr": self.away,
                "player_name": line.player.name,
                "player_name_original": line.player.name,
                "player_lookup": line.player.lookup,
                "team_abbr": line.team,
                "player_status": line.status,
                "dnp_reason": line.dnp_reason,
                "minutes": None if line.seconds is None else f"{line.seconds // 60}:{line.seconds % 60:02d}",
                **{count: line.counts.get(count) for count in _COUNTS},
                "plus_minus": None if line.seconds is None else line.plus_minus,
                "processed_at": self.tip_off + timedelta(hours=11),
            }
            for line in self.lines
        ]

    def evening_rows(self) -> list[Row]:
        """The same evening's player box scores: only players who played, with whole minutes."""
        return [
            {
                "game_id": self.game_id,
                "game_date": self.game_date,
                "season_year": season_year(self.game_date),
                "nba_game_id": self.nba_game_id,
                "game_status": "Final",
                "home_team_abbr": self.home,
                "away_team_abbr": self.away,
                "player_full_name": line.player.name,
                "player_lookup": line.player.lookup,
                "team_abbr": line.team,
                "starter": line.is_starter,
                "minutes": str(round(line.seconds / 60)),
                **line.counts,
                "plus_minus": line.plus_minus,
                "processed_at": self.tip_off + timedelta(hours=4),
            }
            for line in self.lines
            if line.seconds
        ]

    def roster_rows(self) -> list[Row]:
        """The rosters of the morning before the game."""
        day = self.game_date - timedelta(days=1)
        return [
            {
                "roster_date": day,
                "team_abbr": line.team,
                "player_lookup": line.player.lookup,
                "player_full_name": line.player.name,
                "birth_date": line.player.birth_date,
                "processed_at": self.tip_off - timedelta(hours=36),
            }
            for line in self.lines
        ]

    def prop_rows(self) -> list[Row]:
        """Points lines of several books, at several times, one of them during the game."""
        generator = random.Random(f"props {self.game_id}")
        rows = []
        for line in self.lines:
            if not line.seconds or line.player.weight < 0.8:
                continue
            expected = 13 * line.player.weight
            for book in _BOOKS:
                for minutes in (600, 45, -30):
                    snapshot = self.tip_off - timedelta(minutes=minutes)
                    rows.append(
                        {
                            "game_id": self.nba_game_id,
                            "odds_api_event_id": f"{self.number:032x}",
                            "game_date": self.game_date,
                            "game_start_time": self.tip_off,
                            "home_team_abbr": self.home,
                            "away_team_abbr": self.away,
                            "snapshot_timestamp": snapshot,
                            "minutes_before_tipoff": minutes,
                            "bookmaker": book,
                            "player_name": line.player.name,
                            "player_lookup": line.player.lookup,
                            "points_line": max(0.5, round(expected + generator.uniform(-2, 2)) + 0.5),
                            "processed_at": snapshot + timedelta(minutes=1),
                        }
                    )
        return rows


def season_year(day: date) -> int:
    """The starting year of the season a date belongs to."""
    return day.year - (day.month < 10)


def simulate_season(seed: int, start: date, days: int) -> list[SimulatedGame]:
    """Every game of `days` days from `start`: back-to-backs, off-days, overtimes. Same seed, same season."""
    generator = random.Random(seed)
    rosters = _rosters(generator)
    last_played: dict[str, date] = {}
    games: list[SimulatedGame] = []
    for offset in range(days):
        day = start + timedelta(days=offset)
        if offset % 11 == 9:
            continue  # an off-day, as around an all-star weekend
        # A team that played yesterday plays again one night in five: a back-to-back.
        fresh = [
            team for team in TEAM_CODES if last_played.get(team) != day - timedelta(days=1) or generator.random() < 0.2
        ]
        generator.shuffle(fresh)
        slate = min(len(fresh) // 2, generator.choice((3, 5, 7, 8, 10)))
        for position in range(slate):
            away, home = fresh[2 * position], fresh[2 * position + 1]
            last_played[away] = last_played[home] = day
            games.append(_simulate_game(generator, rosters, day, len(games) + 1, away, home))
    return games


def raw_rows(games: Iterable[SimulatedGame]) -> dict[str, list[Row]]:
    """Everything the sources have written about finished games, by raw table."""
    tables: dict[str, list[Row]] = {
        "nbac_schedule": [],
        "nbac_team_boxscore": [],
        "nbac_gamebook_player_stats": [],
        "nbac_player_boxscores": [],
        "odds_api_player_points_props": [],
        "espn_team_rosters": [],
    }
    for game in games:
        tables["nbac_schedule"] += game.schedule_rows()
        tables["nbac_team_boxscore"] += game.team_boxscore_rows()
        tables["nbac_gamebook_player_stats"] += game.gamebook_rows()
        tables["nbac_player_boxscores"] += game.evening_rows()
        tables["odds_api_player_points_props"] += game.prop_rows()
        tables["espn_team_rosters"] += game.roster_rows()
    return tables


def _rosters(generator: random.Random) -> dict[str, list[Player]]:
    names = [f"{first} {last}" for first in _FIRST_NAMES for last in _LAST_NAMES]
    names += [f"{first} {last} Jr." for first in _FIRST_NAMES for last in _LAST_NAMES]
    generator.shuffle(names)
    weights = (1.9, 1.6, 1.3, 1.2, 1.1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.25, 0.2, 0.2, 0.1)
    return {team: [Player(names.pop(), weight) for weight in weights] for team in TEAM_CODES}


def _simulate_game(
    generator: random.Random, rosters: dict[str, list[Player]], day: date, number: int, away: str, home: str
) -> SimulatedGame:
    overtimes = generator.choices((0, 1, 2), (93, 6, 1))[0]
    lines = _team_lines(generator, rosters[away], away, overtimes) + _team_lines(
        generator, rosters[home], home, overtimes
    )
    game = SimulatedGame(day, number, away, home, overtimes, lines)
    if game.total(away, "points") == game.total(home, "points"):
        scorer = next(line for line in lines if line.team == home and line.seconds)
        for count in ("points", "free_throws_made", "free_throws_attempted"):
            scorer.counts[count] += 1
    margin = game.total(home, "points") - game.total(away, "points")
    for line in lines:
        if line.seconds:
            share = line.seconds / (60 * (48 + 5 * overtimes))
            line.plus_minus = round((margin if line.team == home else -margin) * share + generator.gauss(0, 4))
    return game


def _team_lines(generator: random.Random, roster: Sequence[Player], team: str, overtimes: int) -> list[Line]:
    order = sorted(roster, key=lambda player: -player.weight * generator.uniform(0.7, 1.3))
    playing = order[: generator.randint(9, 11)]
    lines = []
    seconds = _share_out(generator, [player.weight for player in playing], overtimes)
    for position, (player, played) in enumerate(zip(playing, seconds, strict=True)):
        counts = _counts(generator, player, played)
        lines.append(Line(player, team, played, counts, is_starter=position < 5))
    for player in order[len(playing) :]:
        reason = generator.choice(_DNP_REASONS)
        status = "dnp" if reason.startswith("DNP") else "inactive"
        lines.append(Line(player, team, None, status=status, dnp_reason=reason))
    return lines


def _share_out(generator: random.Random, weights: Sequence[float], overtimes: int) -> list[int]:
    """Seconds per player: roughly in proportion, nobody beyond the game's length, adding up exactly."""
    length = 60 * (48 + 5 * overtimes)
    left = 5 * length
    shares = [(0.4 + weight) * generator.uniform(0.8, 1.2) for weight in weights]
    seconds = []
    for position, share in enumerate(shares):
        rest = len(shares) - position - 1
        wanted = round(left * share / sum(shares[position:]))
        played = min(length - generator.randint(60, 400), max(30, wanted, left - rest * (length - 400)))
        seconds.append(played if rest else left)
        left -= played
    return seconds


def _counts(generator: random.Random, player: Player, seconds: int) -> dict[str, int]:
    minutes = seconds / 60

    def some(rate: float) -> int:
        return max(0, round(generator.gauss(rate, max(0.3, rate) ** 0.5)))

    attempts = some(minutes * 0.36 * (0.6 + player.weight / 2))
    threes = sum(generator.random() < 0.4 for _ in range(attempts))
    threes_made = sum(generator.random() < 0.36 for _ in range(threes))
    twos_made = sum(generator.random() < 0.53 for _ in range(attempts - threes))
    free_throws = 2 * some(minutes * 0.035 * (0.5 + player.weight / 2))
    free_throws_made = sum(generator.random() < 0.78 for _ in range(free_throws))
    offensive, defensive = some(minutes * 0.045), some(minutes * 0.14)
    return {
        "points": 2 * twos_made + 3 * threes_made + free_throws_made,
        "field_goals_made": twos_made + threes_made,
        "field_goals_attempted": attempts,
        "three_pointers_made": threes_made,
        "three_pointers_attempted": threes,
        "free_throws_made": free_throws_made,
        "free_throws_attempted": free_throws,
        "offensive_rebounds": offensive,
        "defensive_rebounds": defensive,
        "total_rebounds": offensive + defensive,
        "assists": some(minutes * 0.1),
        "steals": some(minutes * 0.03),
        "blocks": some(minutes * 0.02),
        "turnovers": some(minutes * 0.055),
        "personal_fouls": min(6, some(minutes * 0.08)),
    }
