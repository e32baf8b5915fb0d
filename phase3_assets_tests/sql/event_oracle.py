"""What play-by-play says of a game, computed event by event from raw rows: it shares nothing with the project's SQL.

What belongs here: the rules of the data contract in plain Python, with exact fractions. What doesn't: reading files,
comparing with what is published (test_play_by_play.py).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Event = Mapping[str, Any]
SIDES = ("away", "home")
LAST_FREE_THROWS = ("free throw 1/1", "free throw 2/2", "free throw 3/3")
COUNTED = ("shot", "free throw", "turnover")


def rounded(figure: Fraction | None, places: int) -> Decimal | None:
    """Half away from zero; no figure here is negative but differences, which are symmetric."""
    if figure is None:
        return None
    scaled = abs(figure) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return (Decimal(whole if figure >= 0 else -whole) / 10**places).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def zone_of(event: Event) -> str:
    """three, paint, mid_range or unknown; the rim is told by is_rim."""
    if event["shot_type"] == "3PT" or (event["event_subtype"] or "").lower().startswith("3pt"):
        return "three"
    distance = event["shot_distance"]
    if distance is None:
        return "unknown"
    return "paint" if distance <= 8 else "mid_range"


def is_rim(event: Event) -> bool:
    """Whether a shot of the paint is from the rim."""
    return zone_of(event) == "paint" and event["shot_distance"] <= 4


def without_suffix(name: str) -> str:
    """A key without what follows a family name."""
    return re.sub("(jr|sr|ii|iii|iv)$", "", name)


@dataclass
class Roster:
    """The players of one team in the box score, and the ids that the same-evening rows give them."""

    players: Sequence[str]
    ids: Mapping[int, str]
    learned: dict[str, int] = field(default_factory=dict)
    """Names whose id another event of the game tells."""

    def learn(self, names: Iterable[str | None]) -> None:
        """Note the ids that names of the game carry."""
        for name in names:
            found = re.match("([0-9]+)(.+)", name or "")
            if found:
                self.learned[found[2]] = int(found[1])

    def player(self, name: str | None) -> str | None:
        """The one player whose name this is, by id, name, and name without suffix."""
        if not name:
            return None
        found = re.fullmatch("([0-9]*)(.+)", name)
        assert found is not None
        plain = found[2]
        number = int(found[1]) if found[1] else self.learned.get(plain)
        by_id = self.ids.get(number) if number is not None else None
        if by_id in self.players:
            return by_id
        if plain in self.players:
            return plain
        fitting = [player for player in self.players if without_suffix(player) == without_suffix(plain)]
        return fitting[0] if len(fitting) == 1 else None


@dataclass
class Told:
    """What the events of one game say, by team and by (team, player)."""

    shots: dict[str, Counter[str]]
    player_shots: dict[tuple[str, str], Counter[str]]
    blocks: dict[str, Counter[str]]
    player_blocks: dict[tuple[str, str], Counter[str]]
    possessions: dict[str, int] | None
    usage_on_court: dict[tuple[str, str], Fraction | None] | None


def latest(events: Iterable[Event]) -> list[Event]:
    """Of each event the row that was processed last, in order."""
    kept: dict[int, Event] = {}
    for event in sorted(events, key=lambda event: event["processed_at"]):
        kept[event["event_sequence"]] = event
    return [kept[number] for number in sorted(kept)]


def told(rows: Iterable[Event], rosters: Mapping[str, Roster], final_scores: Mapping[str, int]) -> Told:
    """What the events of one game say."""
    events = latest(rows)
    teams = {side: events[0][f"{side}_team_abbr"] for side in SIDES}
    other = {teams["away"]: teams["home"], teams["home"]: teams["away"]}
    for event in events:
        team = event["player_1_team_abbr"]
        if team in other:
            rosters[team].learn([event["player_1_lookup"]])
            second = other[team] if event["player_2_role"] == "block" else team
            if event["player_2_role"] in ("block", "assist") and event["event_type"] == "shot":
                rosters[second].learn([event["player_2_lookup"]])
    found = Told(defaultdict(Counter), defaultdict(Counter), defaultdict(Counter), defaultdict(Counter), None, None)
    for event in events:
        if event["event_type"] == "shot":
            _note_shot(found, event, events, rosters, other)
    lineups = [_lineups(event, rosters, teams) for event in events if event["event_type"] in COUNTED]
    scores = {teams[side]: max((event[f"score_{side}"] or 0 for event in events), default=0) for side in SIDES}
    if all(lineups) and scores == {team: final_scores[team] for team in other}:
        found.possessions = _possessions(events, other)
        found.usage_on_court = _usage(events, rosters, teams)
    return found


def _note_shot(
    found: Told, event: Event, events: Sequence[Event], rosters: Mapping[str, Roster], other: Mapping[str, str]
) -> None:
    team, zone, made = event["player_1_team_abbr"], zone_of(event), bool(event["shot_made"])
    shooter = rosters[team].player(event["player_1_lookup"])
    said = Counter({"attempts": 1, f"{zone}_attempts": 1})
    if is_rim(event):
        said["rim_attempts"] += 1
    if made:
        said += Counter({"makes": 1, f"{zone}_makes": 1})
        said["rim_makes"] += is_rim(event)
        said["assisted"] += event["player_2_role"] == "assist"
        said["and_ones"] += is_and_one(event, events)
    elif event["player_2_role"] == "block":
        blocked = Counter({"blocks": 1, f"{zone}_blocks": 1})
        blocked["rim_blocks"] += is_rim(event)
        found.blocks[other[team]] += blocked
        blocker = rosters[other[team]].player(event["player_2_lookup"])
        if blocker:
            found.player_blocks[other[team], blocker] += blocked
    found.shots[team] += said
    if shooter:
        found.player_shots[team, shooter] += said


def is_and_one(shot: Event, events: Sequence[Event]) -> bool:
    """Whether the scorer has a free throw 1/1 at the clock of his shot."""
    return any(
        event["event_type"] == "free throw"
        and event["event_subtype"] == "free throw 1/1"
        and all(
            event[name] == shot[name]
            for name in ("period", "game_clock_seconds", "player_1_lookup", "player_1_team_abbr")
        )
        for event in events
    )


def _lineups(event: Event, rosters: Mapping[str, Roster], teams: Mapping[str, str]) -> dict[str, set[str]] | None:
    found = {}
    for side in SIDES:
        names = [rosters[teams[side]].player(event[f"{side}_player_{n}_lookup"]) for n in range(1, 6)]
        players = {name for name in names if name}
        if len(players) < 5:
            return None
        found[teams[side]] = players
    return found


def _possessions(events: Sequence[Event], other: Mapping[str, str]) -> dict[str, int]:
    """Walk through each period, note whose turn it is, and count turns that end."""
    count = dict.fromkeys(other, 0)
    periods = sorted({event["period"] for event in events})
    for period in periods:
        missed: str | None = None
        turn: tuple[str, int] | None = None
        for event in (event for event in events if event["period"] == period):
            team, kind = event["player_1_team_abbr"], event["event_type"]
            ends: str | None = None
            if kind == "shot" or (kind == "free throw" and event["event_subtype"] in LAST_FREE_THROWS):
                made = event["shot_made"] if kind == "shot" else event["points_scored"] == 1
                missed = None if made else team
                if made and not (kind == "shot" and is_and_one(event, events)):
                    ends = team
            elif kind == "turnover":
                missed, ends = None, team
            elif kind == "rebound":
                if missed is not None and missed != team:
                    ends = missed
                missed = None
            if ends is not None:
                count[ends] += 1
                turn = (other[ends], event["game_clock_seconds"])
        if turn is not None and turn[1] > 2:
            count[turn[0]] += 1
    return count


def _usage(
    events: Sequence[Event], rosters: Mapping[str, Roster], teams: Mapping[str, str]
) -> dict[tuple[str, str], Fraction | None]:
    own: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    whole: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for event in events:
        if event["event_type"] not in COUNTED or not event["player_1_lookup"]:
            continue  # a turnover of the team is nobody's play
        team = event["player_1_team_abbr"]
        lineups = _lineups(event, rosters, teams)
        assert lineups is not None
        weight = Fraction(44, 100) if event["event_type"] == "free throw" else Fraction(1)
        ended_by = rosters[team].player(event["player_1_lookup"])
        for player in lineups[team]:
            whole[team, player] += weight
            own[team, player] += weight if player == ended_by else 0
    return {key: 100 * own[key] / total if total else None for key, total in whole.items()}
