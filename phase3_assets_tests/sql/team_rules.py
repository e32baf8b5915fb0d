"""Examples of the rules that both team tables have: the same figures under two sets of names.

What belongs here: what is asked of a team's row, whichever side it is seen from. What doesn't: a table's names for the
figures, and the rules that it alone has (rules/).
"""

from dataclasses import dataclass

from phase3_assets.demo.season import TEAM_CODES
from phase3_assets_tests.sql.rule_examples import Caught, Passed, error, required, warning

SHOOTING = ("points", "fga", "fgm", "tpa", "tpm", "fta", "ftm")
A_POINT_MORE = ("{points} = {points} + 1, {ftm} = {ftm} + 1, {fta} = {fta} + 1", "the schedule says")
WITNESSED = (
    *("assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "personal_fouls"),
    *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes"),
)
"""The figures of a team that its players' rows tell as well."""
OF_GAME = "WHERE game_id = '{game}'"


@dataclass(frozen=True)
class TeamTable:
    """A team table in the words of its examples; an assignment names a figure as `{fga}`."""

    name: str
    figures: dict[str, str]
    """By the name an example uses, the column."""
    never_null: tuple[str, ...]
    """Beside the shooting figures, the columns that a row always has."""
    points_by_seven: tuple[int, int]
    """The points of the winner's row, and of the loser's, in a game decided by seven."""

    @property
    def of_home(self) -> str:
        """Which row is the home side's."""
        return f"WHERE {self.figures['team']} = '{{home}}'"

    def beside(self, gain: int) -> str:
        """Both margins after a point more in the home side's row: points it scored, or allowed."""
        team = self.figures["team"]
        return f"margin_of_victory = margin_of_victory + CASE WHEN {team} = '{{home}}' THEN {gain} ELSE {-gain} END"

    def home(self, assignment: str, problem: str, besides: str | None = None, deleted: str | None = None) -> Caught:
        """An error of the home side's row."""
        change = f"UPDATE {{t}} SET {assignment.format(**self.figures)} {self.of_home}"
        also = f"; UPDATE {{t}} SET {besides} {OF_GAME}" if besides else ""
        also += f"; DELETE FROM {{t}} WHERE {deleted}" if deleted else ""
        return Caught(change + also, (error("{home}", problem),))

    def other_points(self, assignment: str, problem: str) -> Caught:
        """The other row's margin then contradicts the points of the two as well."""
        example = self.home(assignment, problem)
        return Caught(example.change, (*example.says, error("{away}", "but the points give")))

    def passes(self, *assignments: str) -> list[Passed]:
        """Changes of the home side's row that are right."""
        return [
            Passed(f"UPDATE {{t}} SET {assignment.format(**self.figures)} {self.of_home}") for assignment in assignments
        ]

    def caught(self, arithmetic: list[Caught]) -> dict[str, list[Caught]]:
        """What the rules of both tables must catch; `arithmetic`: what box_score_arithmetic must in this one alone."""
        return {
            "nulls": self._nulls(),
            "duplicates": self._duplicates(),
            "accepted_values": [
                Caught(
                    f"UPDATE {{t}} SET {self.figures['team']} = '{code}' {self.of_home}",
                    (error(code, f"unknown team code {code}"),),
                )
                for code in ("XXX", "PHO", "UTAH", "phx", " PHX", "")
            ]
            + [self.home(f"opponent_team_abbr = '{code}'", f"unknown team code {code}") for code in ("XXX", "phx", "")],
            "box_score_arithmetic": [*self._shooting(), *arithmetic, *self._margins()],
            "plausible_ranges": [
                self._doubtful("{pace} = 69.9", "possessions per 48 minutes 69.9 are out of range"),
                self._doubtful("{pace} = 130.1", "possessions per 48 minutes 130.1 are out of range"),
                self._doubtful("{rating} = 59.99", "rating 59.99 is out of range"),
                self._doubtful("{rating} = 160.01", "rating 160.01 is out of range"),
                self._doubtful("{ts} = -0.001", "true shooting -0.001 is out of range"),
                self._doubtful("{ts} = 1.501", "true shooting 1.501 is out of range"),
            ],
        }

    def passed(self) -> dict[str, list[Passed]]:
        """What the rules of both tables must let pass."""
        return {
            "nulls": self.passes("nba_game_id = NULL", "quality_issues = NULL", "{fgm} = 0", "{points} = 0, {fga} = 0"),
            "duplicates": [
                Passed(
                    "INSERT INTO {t} SELECT * REPLACE (game_date + 1 AS game_date, 'the next day' AS game_id) "
                    "FROM {t} WHERE game_id = '{game}'"
                ),
                Passed("UPDATE {t} SET home_game = NOT home_game WHERE game_id = '{game}'"),
                Passed("DELETE FROM {t} WHERE game_id = '{game}'"),
            ],
            "accepted_values": [
                Passed(f"UPDATE {{t}} SET {column} = '{code}' {self.of_home}")
                for column in (self.figures["team"], "opponent_team_abbr")
                for code in TEAM_CODES
            ],
            "box_score_arithmetic": [
                *self.passes("{fga} = {fgm}", "{tpa} = {tpm}", "{fta} = {ftm}"),
                *self.passes("{fgm} = {tpm}, {ftm} = {points} - 3 * {tpm}, {fta} = {points} - 3 * {tpm}"),
                *self.passes("{fgm} = 0, {tpm} = 0, {tpa} = 0, {ftm} = {points}, {fta} = {points}"),
                Passed("DELETE FROM {t} WHERE game_id = '{game}'"),
                Passed(self._decided_by_seven("CASE WHEN win_flag THEN 7 ELSE -7 END")),
                # What is missing is for the rule on NULL.
                Passed("UPDATE {t} SET margin_of_victory = NULL WHERE game_id = '{game}'"),
            ],
            "plausible_ranges": self.passes(
                "{pace} = 70",
                "{pace} = 130",
                "{rating} = 60",
                "{rating} = 160",
                "{ts} = 0",
                "{ts} = 1.5",
                "{pace} = NULL, {rating} = NULL, {ts} = NULL",
            ),
        }

    def _nulls(self) -> list[Caught]:
        figures, team = self.figures, self.figures["team"]
        return [
            *(
                Caught(
                    f"UPDATE {{t}} SET {column} = NULL {self.of_home}",
                    (error(None if column == team else "{home}", f"missing: {column}"),),
                )
                for column in required(self.name)
            ),
            *(
                self.home(f"{column} = NULL", f"missing: {column}")
                for column in (*(figures[figure] for figure in SHOOTING), *self.never_null)
            ),
            self.home("{fga} = NULL, {ftm} = NULL", f"missing: {figures['fga']} {figures['ftm']}"),
        ]

    def _duplicates(self) -> list[Caught]:
        team = self.figures["team"]
        return [
            Caught(
                f"INSERT INTO {{t}} SELECT * FROM {{t}} {self.of_home}",
                (error("{home}", "2 rows of one key"), error("{first}", "3 team rows, 2 of them home")),
            ),
            Caught(f"UPDATE {{t}} SET home_game = TRUE {OF_GAME}", (error("{first}", "2 team rows, 2 of them home"),)),
            Caught(f"UPDATE {{t}} SET home_game = FALSE {OF_GAME}", (error("{first}", "2 team rows, 0 of them home"),)),
            Caught(f"DELETE FROM {{t}} {self.of_home}", (error("{away}", "1 team rows, 0 of them home"),)),
            Caught(f"DELETE FROM {{t}} WHERE {team} = '{{away}}'", (error("{home}", "1 team rows, 1 of them home"),)),
            Caught(
                f"UPDATE {{t}} SET {team} = '{{home}}' WHERE {team} = '{{other_home}}'",
                (error("{home}", "2 rows of one key"), error("{home}", "{home} is in 2 games")),
                games=(0, 1),
            ),
        ]

    def _shooting(self) -> list[Caught]:
        return [
            self.home("{fga} = {fgm} - 1", "field goals of"),
            self.home("{tpa} = {tpm} - 1", "threes of"),
            self.home("{fta} = {ftm} - 1", "free throws of"),
            self.home("{tpm} = {fgm} + 1, {tpa} = {fga}", "threes among"),
            self.home("{ftm} = {ftm} - 1", "points, but the makes give"),
            self.other_points("{points} = {points} + 1", "points, but the makes give"),
            self.other_points(
                "{points} = 100, {fgm} = 40, {fga} = 90, {tpm} = 10, {tpa} = 30, {ftm} = 20, {fta} = 20",
                "100 points, but the makes give 110",
            ),
            self.home(f"opponent_team_abbr = {self.figures['team']}", "its own opponent"),
        ]

    def _margins(self) -> list[Caught]:
        of_home, team = self.of_home, self.figures["team"]
        return [
            _both(f"UPDATE {{t}} SET margin_of_victory = margin_of_victory + 1 {of_home}", "the two margins sum to 1"),
            _both(f"UPDATE {{t}} SET margin_of_victory = -margin_of_victory {of_home}", "the two margins sum to"),
            _both(f"UPDATE {{t}} SET win_flag = NOT win_flag {of_home}", " winners"),
            _both(f"UPDATE {{t}} SET win_flag = TRUE {OF_GAME}", "2 winners"),
            _both(f"UPDATE {{t}} SET win_flag = FALSE {OF_GAME}", "0 winners"),
            _both(f"UPDATE {{t}} SET win_flag = NOT win_flag {OF_GAME}", "the win flag contradicts the margin"),
            self.home(
                "margin_of_victory = 0, win_flag = TRUE",
                "the win flag contradicts the margin",
                deleted=f"game_id = '{{game}}' AND {team} <> '{{home}}'",
            ),
            _both(
                f"UPDATE {{t}} SET margin_of_victory = -margin_of_victory, win_flag = NOT win_flag {OF_GAME}",
                "but the points give",
            ),
            _both(self._decided_by_seven("CASE WHEN win_flag THEN 5 ELSE -5 END"), "5, but the points give"),
            _both(self._decided_by_seven("0"), "margin 0, but the points give"),
            _both(
                self._decided_by_seven("CASE WHEN win_flag THEN 7 ELSE -7 END", winner="NOT win_flag"),
                "the win flag contradicts the margin",
            ),
        ]

    def _doubtful(self, assignment: str, problem: str) -> Caught:
        change = f"UPDATE {{t}} SET {assignment.format(**self.figures)} {self.of_home}"
        return Caught(change, (warning("{home}", problem),))

    def _decided_by_seven(self, margin: str, winner: str = "win_flag") -> str:
        """The first game, on a date whose scores the schedule does not know, won by seven, with that margin."""
        names, (of_winner, of_loser) = self.figures, self.points_by_seven
        points = f"CASE WHEN win_flag THEN {of_winner} ELSE {of_loser} END"
        free_throws = ", ".join(f"{names[figure]} = {points}" for figure in ("points", "fta", "ftm"))
        others = ", ".join(f"{names[figure]} = 0" for figure in ("fga", "fgm", "tpa", "tpm"))
        return (
            f"UPDATE {{t}} SET game_date = game_date + 1, {free_throws}, {others}, margin_of_victory = {margin}, "
            f"win_flag = {winner} {OF_GAME}"
        )


def _both(change: str, problem: str) -> Caught:
    return Caught(change, (error("{home}", problem), error("{away}", problem)))
