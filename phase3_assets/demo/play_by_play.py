"""What a play-by-play source writes about a made-up game: events that add up to the box score the game was given.

What belongs here: those raw rows. What doesn't: the game itself and what every other source writes about it
(season.py), when the rows arrive (story.py).

Five of each side are on court at every moment, each for exactly the seconds of his box score. Every shot, free throw,
turnover, rebound and foul of the box score is one event of somebody on court. Assists, blocks and steals are said of
shots and turnovers of others while both are on court. Where chance gave a box score more assists, steals or blocks than
there are such plays, the rest is left out. The order of plays is chance: a team may have the ball twice in a row.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from phase3_assets.demo.season import Line, Row, SimulatedGame, season_year

PLAY_BY_PLAY = "bigdataball_play_by_play"
"""The raw table that the rows are of."""

_MADE_TWOS = ((0.55, "driving layup", 1, 4), (0.8, "hook shot", 5, 8), (1.0, "pullup jump shot", 9, 22))
_MISSED_TWOS = ((0.35, "driving layup", 1, 4), (0.65, "floating jump shot", 5, 8), (1.0, "jump shot", 9, 22))
"""Up to which share of chance a two is from where: share, subtype, feet from, feet to."""
_THREES_WITHOUT_DISTANCE = 0.1
_AND_ONES = 0.15

_Stints = list[tuple[int, int]]
"""When somebody is on court, in seconds since tip-off: from the first, until before the second."""


@dataclass
class _Play:
    """What happens at one second of the game, in order; `made` is None where nothing could be made or missed."""

    kind: str
    line: Line
    made: bool | None = None
    is_three: bool = False
    helper: Line | None = None
    second: int = 0
    free_throws: list[bool] = field(default_factory=list)
    rebounds: list[tuple[str, Line | None]] = field(default_factory=list)

    @property
    def is_missed(self) -> bool:
        """Whether somebody can rebound it."""
        return not self.free_throws[-1] if self.free_throws else self.made is False


def play_by_play_rows(games: Iterable[SimulatedGame]) -> dict[str, list[Row]]:
    """Every event of the games, as the raw table has them. The same games have the same events."""
    return {PLAY_BY_PLAY: [row for game in games for row in event_rows(game)]}


def event_rows(game: SimulatedGame) -> list[Row]:
    """The events of one game, in order; about 450."""
    return _Events(game).rows()


class _Events:
    """One game on its way from box score to events."""

    def __init__(self, game: SimulatedGame) -> None:
        self.game = game
        self.chance = random.Random(f"events {game.game_id}")
        self.ends = [720 * n for n in (1, 2, 3, 4)] + [2880 + 300 * (n + 1) for n in range(game.overtimes)]
        self.entered = {
            team: [line for line in game.lines if line.team == team and line.seconds] for team in (game.away, game.home)
        }
        self.stints = {line.player.lookup: stints for team in self.entered for line, stints in self._on_court(team)}
        self.taken: set[int] = set()

    def rows(self) -> list[Row]:
        """Plays made and put in order, and told."""
        plays = [play for team in self.entered for play in (*self._shots(team), *self._turnovers(team))]
        for play in plays:
            together = self._together(play.line, play.helper) if play.helper else self.stints[play.line.player.lookup]
            play.second = self._moment(together)
        plays += [play for team in self.entered for play in self._trips(team, plays)]
        plays += self._rebounds(plays)
        plays += self._fouls()
        return self._told(sorted(plays, key=lambda play: play.second))

    # --- Who is on court --------------------------------------------------------------------------------------------

    def _on_court(self, team: str) -> list[tuple[Line, _Stints]]:
        """The five at every moment. In each period everybody has his share of it, and the shares are laid end to end
        around five places: whoever leaves one place at the period's end has the next one at its beginning.
        """
        lines, length = self.entered[team], self.ends[-1]
        stints: dict[str, _Stints] = {line.player.lookup: [] for line in lines}
        given = dict.fromkeys(stints, 0)
        for begin, end in zip([0, *self.ends], self.ends, strict=False):
            until_now = {line.player.lookup: divmod((line.seconds or 0) * end, length) for line in lines}
            missing = 5 * end - sum(whole for whole, _ in until_now.values())
            for name in sorted(until_now, key=lambda name: -until_now[name][1])[:missing]:
                until_now[name] = (until_now[name][0] + 1, 0)
            names = list(stints)
            if begin:
                self.chance.shuffle(names)
            position = 0
            for name in names:
                seconds = until_now[name][0] - given[name]
                given[name] += seconds
                at = position % (end - begin)
                first = min(seconds, end - begin - at)
                parts = [(begin, begin + seconds - first), (begin + at, begin + at + first)]
                stints[name] += [part for part in parts if part[0] < part[1]]
                position += seconds
        return [(line, stints[line.player.lookup]) for line in lines]

    def _together(self, one: Line, other: Line) -> _Stints:
        both = [
            (max(a, c), min(b, d))
            for a, b in self.stints[one.player.lookup]
            for c, d in self.stints[other.player.lookup]
        ]
        return [(begin, end) for begin, end in both if begin < end]

    def _is_on_court(self, line: Line, second: int) -> bool:
        return any(begin <= second < end for begin, end in self.stints[line.player.lookup])

    def lineup(self, second: int) -> Row:
        """The ten on court, as every event names them."""
        return {
            f"{side}_player_{number}_lookup": line.player.lookup
            for side, team in (("away", self.game.away), ("home", self.game.home))
            for number, line in enumerate([one for one in self.entered[team] if self._is_on_court(one, second)], 1)
        }

    def _moment(self, stints: _Stints) -> int:
        """A second of them at which nothing happens so far, if a few tries find one."""
        second = 0
        for _ in range(8):
            (begin, end) = self.chance.choices(stints, [end - begin for begin, end in stints])[0]
            second = self.chance.randrange(begin, end)
            if second not in self.taken:
                break
        self.taken.add(second)
        return second

    # --- What happens -----------------------------------------------------------------------------------------------

    def _shots(self, team: str) -> list[_Play]:
        shots = []
        for line in self.entered[team]:
            c = line.counts
            threes, made = c["three_pointers_attempted"], c["three_pointers_made"]
            twos, made_twos = c["field_goals_attempted"] - threes, c["field_goals_made"] - made
            shots += [_Play("shot", line, n < made, is_three=True) for n in range(threes)]
            shots += [_Play("shot", line, n < made_twos) for n in range(twos)]
        self._help("assists", self.entered[team], [shot for shot in shots if shot.made])
        self._help("blocks", self.entered[self.other(team)], [shot for shot in shots if not shot.made])
        return shots

    def _turnovers(self, team: str) -> list[_Play]:
        turnovers = [_Play("turnover", line) for line in self.entered[team] for _ in range(line.counts["turnovers"])]
        self._help("steals", self.entered[self.other(team)], turnovers)
        return turnovers

    def _help(self, count: str, helpers: Sequence[Line], plays: Sequence[_Play]) -> None:
        """Give every assist, block or steal of the box score a play of somebody else that has none."""
        free = list(plays)
        self.chance.shuffle(free)
        for helper in helpers:
            for _ in range(helper.counts[count]):
                play = next((p for p in free if p.line is not helper and self._together(p.line, helper)), None)
                if play is not None:
                    play.helper = helper
                    free.remove(play)

    def _trips(self, team: str, plays: Sequence[_Play]) -> list[_Play]:
        """Trips to the line: two free throws, or the one that follows a made shot at the same second."""
        trips = []
        for line in self.entered[team]:
            made, attempts = line.counts["free_throws_made"], line.counts["free_throws_attempted"]
            free_throws = [n < made for n in range(attempts)]
            self.chance.shuffle(free_throws)
            makes = [play for play in plays if play.line is line and play.kind == "shot" and play.made]
            while free_throws:
                is_odd = len(free_throws) % 2 == 1
                if makes and (is_odd or (len(makes) > 1 and self.chance.random() < _AND_ONES)):
                    makes.pop().free_throws = [free_throws.pop()]
                elif is_odd:
                    trips.append(_Play("technical", line, free_throws.pop()))
                else:
                    trips.append(_Play("free throws", line, free_throws=[free_throws.pop(), free_throws.pop()]))
        for trip in trips:
            trip.second = self._moment(self.stints[trip.line.player.lookup])
        return trips

    def _rebounds(self, plays: Sequence[_Play]) -> list[_Play]:
        """Give every rebound of the box score a miss; misses that nobody has are the team's. Returns rebounds without
        a miss, where the box score has more of them.
        """
        missed = [play for play in plays if play.is_missed and play.kind != "technical"]
        self.chance.shuffle(missed)
        left = []
        for team, lines in self.entered.items():
            free = {side: [play for play in missed if play.line.team == side] for side in self.entered}
            for kind, side in (("offensive", team), ("defensive", self.other(team))):
                for line in lines:
                    for _ in range(line.counts[f"{kind}_rebounds"]):
                        play = next(
                            (p for p in free[side] if not p.rebounds and self._is_on_court(line, p.second)), None
                        )
                        if play is not None:
                            play.rebounds.append((kind, line))
                        else:
                            moment = self._moment(self.stints[line.player.lookup])
                            left.append(_Play(f"rebound {kind}", line, second=moment))
        for play in missed:
            if not play.rebounds:
                play.rebounds.append(("team", None))
        return left

    def _fouls(self) -> list[_Play]:
        lines = [line for lines in self.entered.values() for line in lines]
        fouls = [_Play("foul", line) for line in lines for _ in range(line.counts["personal_fouls"])]
        for foul in fouls:
            foul.second = self._moment(self.stints[foul.line.player.lookup])
        return fouls

    def other(self, team: str) -> str:
        """The opponent."""
        return self.game.home if team == self.game.away else self.game.away

    # --- What is told of it -----------------------------------------------------------------------------------------

    def _told(self, plays: Sequence[_Play]) -> list[Row]:
        told = _Telling(self)
        changes = self._changes()
        for number, (begin, end) in enumerate(zip([0, *self.ends], self.ends, strict=False), start=1):
            told.begin(number, begin, end)
            for play in [play for play in plays if begin <= play.second < end]:
                while changes and changes[0][0] <= play.second:
                    told.substitution(*changes.pop(0))
                told.play(play)
            while changes and changes[0][0] < end:
                told.substitution(*changes.pop(0))
            told.end()
        return told.rows

    def _changes(self) -> list[tuple[int, Line, Line]]:
        """Substitutions within periods, in order: the second, who leaves, who comes."""
        changes: list[tuple[int, Line, Line]] = []
        for lines in self.entered.values():
            leaving, coming = defaultdict(list), defaultdict(list)
            for line in lines:
                for begin, end in self.stints[line.player.lookup]:
                    leaving[end].append(line)
                    coming[begin].append(line)
            for second in leaving.keys() & coming.keys() - {0, *self.ends}:
                changes += [(second, *pair) for pair in zip(leaving[second], coming[second], strict=True)]
        return sorted(changes, key=lambda change: (change[0], change[1].team))


class _Telling:
    """The raw rows of a game while they are written: the sequence, the running score, the clock."""

    def __init__(self, events: _Events) -> None:
        self.events = events
        self.game = events.game
        self.chance = events.chance
        self.rows: list[Row] = []
        self.lineups: dict[int, Row] = {}
        self.score = {self.game.away: 0, self.game.home: 0}
        self.period, self.period_end = 0, 0
        self.processed_at = self.game.tip_off + timedelta(hours=12)

    def begin(self, period: int, begin: int, end: int) -> None:
        """A period begins."""
        self.period, self.period_end = period, end
        self._add(begin, begin, "start of period", "start of period")

    def end(self) -> None:
        """It ends, with those on court who were there at its last second."""
        self._add(self.period_end, self.period_end - 1, "end of period", "end of period")

    def substitution(self, second: int, leaving: Line, coming: Line) -> None:
        """One player for another."""
        said = {**_second(coming), "player_2_role": "substitution_in"}
        self._add(second, second, "substitution", "sub", leaving, **said)

    def play(self, play: _Play) -> None:
        """A play, with its free throws and its rebound."""
        if play.kind == "shot":
            self._shot(play)
        elif play.kind == "turnover":
            said = {} if play.helper is None else {**_second(play.helper), "player_2_role": "steal"}
            self._at(play, "turnover", "bad pass" if play.helper else "traveling", **said)
        elif play.kind == "foul":
            self._at(play, "foul", "personal")
        elif play.kind == "technical":
            self._free_throw(play, "technical", bool(play.made))
        elif play.kind.startswith("rebound"):
            self._at(play, "rebound", play.kind)
        for number, made in enumerate(play.free_throws, start=1):
            self._free_throw(play, f"free throw {number}/{len(play.free_throws)}", made)
        for kind, line in play.rebounds:
            if line is None:
                team = self.events.other(play.line.team)
                self._add(play.second, play.second, "rebound", "team rebound", player_1_team_abbr=team)
            else:
                self._add(play.second, play.second, "rebound", f"rebound {kind}", line)

    def _shot(self, play: _Play) -> None:
        distance: float | None
        if play.is_three:
            subtype = "3pt jump shot"
            no_distance = self.chance.random() < _THREES_WITHOUT_DISTANCE
            distance = None if no_distance else float(self.chance.randint(22, 27))
        else:
            drawn = self.chance.random()
            kinds = _MADE_TWOS if play.made else _MISSED_TWOS
            _, subtype, nearest, farthest = next(kind for kind in kinds if drawn < kind[0])
            distance = float(self.chance.randint(nearest, farthest))
        points = (3 if play.is_three else 2) if play.made else 0
        self.score[play.line.team] += points
        said: Row = {
            "shot_made": play.made,
            "shot_type": "3PT" if play.is_three else "2PT",
            "shot_distance": distance,
            "points_scored": points,
        }
        if play.helper is not None:
            said |= {**_second(play.helper), "player_2_role": "assist" if play.made else "block"}
        self._at(play, "shot", subtype, **said)

    def _free_throw(self, play: _Play, subtype: str, made: bool) -> None:
        self.score[play.line.team] += made
        self._at(play, "free throw", subtype, points_scored=int(made))

    def _at(self, play: _Play, event_type: str, subtype: str, **said: object) -> None:
        self._add(play.second, play.second, event_type, subtype, play.line, **said)

    def _add(
        self, second: int, on_court_at: int, event_type: str, subtype: str, line: Line | None = None, **said: object
    ) -> None:
        number, left = len(self.rows) + 1, self.period_end - second
        row: Row = {
            "game_id": self.game.game_id,
            "game_date": self.game.game_date,
            "season_year": season_year(self.game.game_date),
            "home_team_abbr": self.game.home,
            "away_team_abbr": self.game.away,
            "event_id": f"{self.game.game_id}_{number}",
            "event_sequence": number,
            "period": self.period,
            "game_clock": f"0:{left // 60:02d}:{left % 60:02d}",
            "game_clock_seconds": left,
            "event_type": event_type,
            "event_subtype": subtype,
            "score_home": self.score[self.game.home],
            "score_away": self.score[self.game.away],
            "data_source": "bigdataball",
            "processed_at": self.processed_at,
        }
        if line is not None:
            row |= {
                "player_1_name": line.player.name,
                "player_1_lookup": line.player.lookup,
                "player_1_team_abbr": line.team,
            }
        if on_court_at not in self.lineups:
            self.lineups = {on_court_at: self.events.lineup(on_court_at)}
        self.rows.append({**row, **self.lineups[on_court_at], **said})


def _second(line: Line) -> Row:
    return {
        "player_2_name": line.player.name,
        "player_2_lookup": line.player.lookup,
        "player_2_team_abbr": line.team,
    }
