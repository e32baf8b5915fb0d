"""Published rows read again in plain Python: what must be true of them, whatever the raw rows were.

What belongs here: the rules of the domain, said a second time and independently of sql/. What doesn't: making rows
(wrong_rows.py, damaged_files.py), expecting a certain row (the tests).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from phase3_assets.demo.season import TEAM_CODES, Row, SimulatedGame

OFFENSE, DEFENSE, PLAYERS = "team_offense_game_summary", "team_defense_game_summary", "player_game_summary"
_MAKES = (("fg_makes", "fg_attempts"), ("three_pt_makes", "three_pt_attempts"), ("ft_makes", "ft_attempts"))
_TEAM_COUNTS = (
    *("points_scored", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes"),
    *("offensive_rebounds", "turnovers"),
)
_PLAYER_COUNTS = ("points", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes")
_STATISTICS = (
    *_PLAYER_COUNTS,
    *("assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "plus_minus"),
    "personal_fouls",
)
_RAW_PLAYER = (
    *("points", "field_goals_attempted", "field_goals_made", "three_pointers_attempted", "three_pointers_made"),
    *("free_throws_attempted", "free_throws_made", "turnovers"),
)


@dataclass
class Published:
    """What readers see of some dates: rows by table and game, and the state each game is said to be in."""

    rows: dict[str, dict[str, list[Row]]]
    states: dict[str, tuple[str, str | None]]
    raw: dict[tuple[date, str], list[Row]]
    """Every raw row that was ever loaded, by date and table."""
    _figures: dict[tuple[date, str], set[tuple[object, ...]]] = field(default_factory=dict)

    def of(self, table: str, game_id: str) -> list[Row]:
        """The game's rows in a table."""
        return self.rows[table].get(game_id, [])

    def raw_figures(self, day: date, table: str) -> set[tuple[object, ...]]:
        """The figures of every raw player row of a date."""
        if (day, table) not in self._figures:
            rows = self.raw.get((day, table), [])
            self._figures[day, table] = {tuple(row.get(key) for key in _RAW_PLAYER) for row in rows}
        return self._figures[day, table]

    def game_ids(self) -> set[str]:
        """Every game with a row in some table."""
        return {game_id for games in self.rows.values() for game_id in games}


def problems(published: Published) -> dict[str, list[str]]:
    """Everything that is wrong, by game; empty where nothing is."""
    found: dict[str, list[str]] = defaultdict(list)
    for game_id in published.game_ids():
        team, defense, players = (published.of(table, game_id) for table in (OFFENSE, DEFENSE, PLAYERS))
        state, reason = published.states.get(game_id, ("unknown", None))
        said = [*_of_teams(team, published), *_of_figures([*team, *defense, *players])]
        if state == "published" and reason is None and not (team and defense and players):
            said.append("said to be published, and is not in every table")
        if (defense or players) and not team:
            said.append("rows that are computed from team rows, and no team rows")
        if team:
            # Players of a better source, which is lost, may stand beside team rows corrected since: the reason says so.
            is_of_one_time = state == "published" and "better_source_published" not in (reason or "")
            said += _of_defense(defense, team, strict=is_of_one_time)
            said += _of_players(players, team, published, strict=is_of_one_time)
        if said:
            found[game_id] += said
    for table, columns in ((OFFENSE, "team_abbr"), (DEFENSE, "defending_team_abbr"), (PLAYERS, "player_lookup")):
        keys = Counter((row["game_date"], row[columns]) for rows in published.rows[table].values() for row in rows)
        for row in (row for rows in published.rows[table].values() for row in rows):
            if keys[row["game_date"], row[columns]] > 1:
                found[row["game_id"]].append(f"{table}: {row[columns]} is there more than once")
    for game_id, (state, reason) in published.states.items():
        if state == "published" and game_id not in published.rows[PLAYERS]:
            found[game_id].append("said to be published, and no player is there")
        if state not in ("published", "scheduled", "live") and not reason:
            found[game_id].append(f"{state}, without a reason")
    return dict(found)


def differences(published: Published, game: SimulatedGame) -> list[str]:
    """Where what is published of a game differs from the game as it truly was."""
    shown = {row["team_abbr"]: row for row in published.of(OFFENSE, game.game_id)}
    found = []
    for team in (game.away, game.home):
        for name, count in (("points_scored", "points"), ("turnovers", "turnovers"), ("fg_makes", "field_goals_made")):
            if team not in shown or shown[team][name] != game.total(team, count):
                found.append(f"{team} {name}: {shown.get(team, {}).get(name)}, truly {game.total(team, count)}")
    players = {row["player_lookup"]: row for row in published.of(PLAYERS, game.game_id)}
    for line in game.lines:
        row = players.get(line.player.lookup)
        if row is None:
            found.append(f"{line.player.lookup} is missing")
        elif line.seconds is None:
            found += [f"{line.player.lookup} did not play"] if row["minutes_played"] is not None else []
        else:
            plays = _plays(
                line.counts["field_goals_attempted"], line.counts["free_throws_attempted"], line.counts["turnovers"]
            )
            of_team = _plays(
                *(
                    game.total(line.team, name)
                    for name in ("field_goals_attempted", "free_throws_attempted", "turnovers")
                )
            )
            usage = 100 * plays * 60 * (48 + 5 * game.overtimes) / (line.seconds * of_team)
            if row["usage_rate_raw"] != _rounded(usage, 2) or row["points"] != line.counts["points"]:
                found.append(f"{line.player.lookup}: usage {row['usage_rate_raw']}, truly {float(usage):.2f}")
    return found + [f"{name} was not there" for name in set(players) - {line.player.lookup for line in game.lines}]


def _of_teams(rows: list[Row], published: Published) -> list[str]:
    if not rows:
        return []
    if len(rows) != 2 or sorted(row["home_game"] for row in rows) != [False, True]:
        return [f"{len(rows)} team rows, or not one of them home"]
    found = []
    away, home = sorted(rows, key=lambda row: row["home_game"])
    if away["game_id"] != f"{away['game_date']:%Y%m%d}_{away['team_abbr']}_{home['team_abbr']}":
        found.append("the game's id does not say who played")
    for own, other in ((away, home), (home, away)):
        counts = {name: own[name] for name in _TEAM_COUNTS}
        name = own["team_abbr"]
        if name not in TEAM_CODES or own["opponent_team_abbr"] != other["team_abbr"] or name == other["team_abbr"]:
            found.append(f"{name} against {own['opponent_team_abbr']}")
        if any(value is None or not 0 <= value <= 999 for value in counts.values()):
            found.append(f"{name}: {counts}")
            continue
        found += _arithmetic(own, own["points_scored"], name)
        if own["margin_of_victory"] != own["points_scored"] - other["points_scored"]:
            found.append(f"{name}: margin {own['margin_of_victory']}")
        if own["win_flag"] is not (own["points_scored"] > other["points_scored"]):
            found.append(f"{name}: win flag {own['win_flag']}")
        if not own["points_scored"] or not own["fg_attempts"]:
            found.append(f"{name}: a placeholder")
        overtimes = own["overtime_periods"]
        if overtimes != other["overtime_periods"] or not 0 <= (overtimes if overtimes is not None else -1) <= 20:
            found.append(f"{name}: {overtimes} overtimes")
            continue
        found += _ratios(own, name)
    scores = {
        tuple(sorted((row.get("home_team_score") or 0, row.get("away_team_score") or 0)))
        for row in published.raw.get((away["game_date"], "nbac_schedule"), [])
    }
    if tuple(sorted((away["points_scored"] or 0, home["points_scored"] or 0))) not in scores:
        found.append(f"{away['points_scored']}-{home['points_scored']} is no score of the schedule's")
    return found


def _ratios(row: Row, name: str) -> list[str]:
    possessions = _plays(row["fg_attempts"], row["ft_attempts"], row["turnovers"]) - row["offensive_rebounds"]
    minutes = 48 + 5 * row["overtime_periods"]
    expected = {
        "possessions": int(possessions),
        "offensive_rating": _rounded(100 * row["points_scored"] / possessions, 2) if possessions > 0 else None,
        "pace": _rounded(possessions * 48 / minutes, 1),
        **_shooting(row, row["points_scored"]),
    }
    found = [f"{name}: {key} {row[key]}, should be {value}" for key, value in expected.items() if row[key] != value]
    if possessions <= 0:
        found.append(f"{name}: {float(possessions)} possessions")
    return found


def _of_defense(rows: list[Row], team: list[Row], strict: bool) -> list[str]:
    if not rows or not strict:
        return []
    by_team = {row["team_abbr"]: row for row in team}
    found = [] if len(rows) == 2 else [f"{len(rows)} defense rows"]
    for row in rows:
        opponent, own = by_team.get(row["opponent_team_abbr"]), by_team.get(row["defending_team_abbr"])
        if opponent is None or own is None:
            found.append(f"{row['defending_team_abbr']}: no such team row")
            continue
        pairs = {
            "points_allowed": opponent["points_scored"],
            "opp_fg_attempts": opponent["fg_attempts"],
            "opp_three_pt_makes": opponent["three_pt_makes"],
            "three_pt_points_allowed": 3 * opponent["three_pt_makes"],
            "turnovers_forced": opponent["turnovers"],
            "defensive_rating": opponent["offensive_rating"],
            "opponent_pace": opponent["pace"],
            "win_flag": own["win_flag"],
            "margin_of_victory": own["margin_of_victory"],
            "steals": own["steals"],
        }
        found += [
            f"{row['defending_team_abbr']}: {key} {row[key]}" for key, value in pairs.items() if row[key] != value
        ]
    return found


def _of_players(rows: list[Row], team: list[Row], published: Published, strict: bool) -> list[str]:
    if rows and {row["team_abbr"] for row in rows if row["minutes_played"] is not None} != {
        r["team_abbr"] for r in team
    }:
        return ["players of other teams than the game's two"]
    by_team = {row["team_abbr"]: row for row in team}
    found = []
    for row in rows:
        name, own = row["player_lookup"], by_team[row["team_abbr"]]
        if not (name.isascii() and name.isalnum() and name == name.lower()):
            found.append(f"{name!r} is no lookup")
        if row["opponent_team_abbr"] != own["opponent_team_abbr"] or row["home_game"] is not own["home_game"]:
            found.append(f"{name}: on the wrong side")
        if row["player_status"] not in ("active", "dnp", "inactive"):
            found.append(f"{name}: {row['player_status']}")
        found += _of_lines(row, name)
        if row["minutes_played"] is None:
            if any(row[key] is not None for key in (*_STATISTICS, "usage_rate", "usage_rate_raw", "ts_pct")):
                found.append(f"{name}: figures without minutes")
            continue
        figures = {key: row[key] for key in _STATISTICS if key != "plus_minus" and row[key] is not None}
        if not 0 <= row["minutes_played"] <= 70 or any(not 0 <= value <= 999 for value in figures.values()):
            found.append(f"{name}: {row['minutes_played']} minutes, {figures}")
        if any(row[key] is None for key in ("points", "fg_attempts", "three_pt_attempts", "ft_attempts", "turnovers")):
            found.append(f"{name}: played, and {figures} is all")
            continue
        found += [*_arithmetic(row, row["points"], name), *_from_one_row(row, name, published)]
        found += [f"{name}: {k} {row[k]}" for k, v in _shooting(row, row["points"]).items() if row[k] != v]
        found += _of_usage(row, own, name) if strict else []
    return found


def _of_usage(row: Row, team: Row, name: str) -> list[str]:
    """Minutes are published with one decimal: the usage must be one that minutes so rounded can give."""
    raw, shown, minutes = row["usage_rate_raw"], row["usage_rate"], Fraction(row["minutes_played"])
    plays = _plays(row["fg_attempts"], row["ft_attempts"], row["turnovers"])
    of_team = _plays(team["fg_attempts"], team["ft_attempts"], team["turnovers"])
    if raw is None:
        # Nobody's share in no time can be told; nor one that its column cannot hold.
        return [] if minutes < Fraction(1, 5) and shown is None else [f"{name}: no usage in {float(minutes)} minutes"]
    top = 100 * plays * (48 + 5 * team["overtime_periods"]) / of_team
    lowest, shortest = top / (minutes + Fraction(1, 20)), minutes - Fraction(1, 20)
    cent = Fraction(1, 200)
    found = []
    if Fraction(raw) < lowest - cent or (shortest > 0 and Fraction(raw) > top / shortest + cent):
        found.append(f"{name}: usage {raw} in {row['minutes_played']} minutes, at most {float(top):.1f} minutes' worth")
    if (shown is None) != (raw > 100) or (row["usage_rate_anomaly_reason"] is not None) != (raw > 100):
        found.append(f"{name}: usage {shown}, raw {raw}, {row['usage_rate_anomaly_reason']}")
    if shown is not None and (not 0 <= shown <= 100 or abs(shown - raw) > Decimal("0.055")):
        found.append(f"{name}: usage {shown}, raw {raw}")
    if raw > 100 and row["minutes_played"] > 3:
        found.append(f"{name}: usage {raw} in {row['minutes_played']} minutes")
    return found


def _of_lines(row: Row, name: str) -> list[str]:
    line, points = row["points_line"], row["points"]
    found = []
    if line is not None and not 0 <= line <= 999:
        found.append(f"{name}: line {line}")
    if (line is None or points is None) != (row["over_under_result"] is None) or (line is None) != (
        row["opening_line"] is None
    ):
        found.append(f"{name}: line {line}, {points} points, {row['over_under_result']}, opening {row['opening_line']}")
    elif line is not None and points is not None:
        # Lines are published with one decimal, and compared with what they were.
        difference = points - line
        says = {"OVER": difference > Decimal("-0.05"), "UNDER": difference < Decimal("0.05")}
        if not says.get(row["over_under_result"], abs(difference) <= Decimal("0.05")):
            found.append(f"{name}: {points} points, line {line}, {row['over_under_result']}")
        if abs(row["margin"] - difference) > Decimal("0.051"):
            found.append(f"{name}: margin {row['margin']}")
    return found


def _from_one_row(row: Row, name: str, published: Published) -> list[str]:
    figures = tuple(row[key] for key in (*_PLAYER_COUNTS, "turnovers"))
    if figures in published.raw_figures(row["game_date"], row["primary_source_used"]):
        return []
    return [f"{name}: {figures} is in no row of {row['primary_source_used']}"]


def _arithmetic(row: Row, points: int, name: str) -> list[str]:
    makes = {key: row[key] for pair in _MAKES for key in pair}
    if any(value is None for value in makes.values()):
        return []
    found = [f"{name}: {makes}" for made, tried in _MAKES if row[made] > row[tried]]
    if row["three_pt_makes"] > row["fg_makes"]:
        found.append(f"{name}: {makes}")
    if points != 2 * row["fg_makes"] + row["three_pt_makes"] + row["ft_makes"]:
        found.append(f"{name}: {points} points of {makes}")
    return found


def _shooting(row: Row, points: int) -> dict[str, Decimal | None]:
    attempts = row["fg_attempts"] + Fraction(44, 100) * row["ft_attempts"]
    made = (
        None
        if row["fg_makes"] is None or row["three_pt_makes"] is None
        else row["fg_makes"] + Fraction(row["three_pt_makes"], 2)
    )
    return {
        "ts_pct": _rounded(points / (2 * attempts), 3) if attempts else None,
        "efg_pct": _rounded(made / row["fg_attempts"], 3) if row["fg_attempts"] and made is not None else None,
    }


def _plays(attempts: int, free_throws: int, turnovers: int) -> Fraction:
    return attempts + Fraction(44, 100) * free_throws + turnovers


def _rounded(value: Fraction, places: int) -> Decimal:
    """Half away from zero."""
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def _of_figures(rows: Iterable[Row]) -> list[str]:
    return [f"{key} is {value}" for row in rows for key, value in row.items() if not _is_finite(value)]


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) and (not isinstance(value, Decimal) or value.is_finite())
