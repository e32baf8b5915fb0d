"""upcoming_player_game_context in single situations: who is listed, and what once went wrong in such tables.

What belongs here: scenes of one matchup, played on some dates and to be played tonight, with what they must give. What
doesn't: every figure of a season (test_upcoming_players.py), when rows are made (publishing/test_pre_game.py).
"""

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from phase3_assets.catalog.tables import published_table
from phase3_assets.demo.season import SimulatedGame
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Request
from phase3_assets_tests.support.clock import set_clock
from phase3_assets_tests.support.games import PLAYERS, night, report_of

TEAMS, UPCOMING = "upcoming_team_game_context", "upcoming_player_game_context"
TONIGHT = date(2026, 2, 3)
GAMEBOOK, EVENING, PROPS = "nbac_gamebook_player_stats", "nbac_player_boxscores", "odds_api_player_points_props"
ROSTERS, REPORTS, LINES = "espn_team_rosters", "nbac_injury_report", "odds_api_game_lines"
SCHEDULE = "nbac_schedule"


class Scene:
    """One matchup played on some dates, and tonight's game of the same teams, of which only the schedule is known."""

    def __init__(self, make_world, monkeypatch, played, tonight=TONIGHT, others=()):
        pattern = night(1)[0]
        self.games = [replace(pattern, game_date=day, number=n) for n, day in enumerate([*sorted(played), tonight], 1)]
        self.tonight = self.games[-1]
        self.home, self.away = pattern.home, pattern.away
        self.world = make_world([*self.games, *others])
        self.results = {}
        for game in (self.tonight, *others):
            self._schedule_only(game)
        self.world.rows |= {ROSTERS: [], REPORTS: [], LINES: []}
        played_lines = [line for line in pattern.lines if line.seconds]
        self.star = max(played_lines, key=lambda line: line.counts["points"])
        others = (line for line in played_lines if line.team == self.star.team)
        self.other = min(others, key=lambda line: line.counts["points"])
        self.monkeypatch = monkeypatch
        self.at(timedelta(hours=-8))

    def _schedule_only(self, game: SimulatedGame) -> None:
        for name in self.world.rows:
            if name != SCHEDULE:
                self.results[name] = deepcopy(self.world.of(name, game))
                self.world.drop(name, game)
        row, *others = self.world.of(SCHEDULE, game)
        row |= {"game_status": 1, "game_status_text": "Scheduled", "home_team_score": None, "away_team_score": None}
        self.world.rows[SCHEDULE] = [r for r in self.world.rows[SCHEDULE] if not any(r is other for other in others)]

    def at(self, since_tip_off: timedelta) -> None:
        """Set the clock."""
        set_clock(self.monkeypatch, self.tonight.tip_off + since_tip_off)

    @property
    def lookup(self) -> str:
        """The star's key."""
        return self.star.player.lookup

    def line(self, player: str, points: float, minutes: int = 600, name: str = "Somebody New") -> None:
        """A points line for tonight, so many minutes before tip-off."""
        tip_off = self.tonight.tip_off
        self.world.rows[PROPS].append(
            {
                "game_id": "of the odds provider",
                "odds_api_event_id": "its event",
                "game_date": self.tonight.game_date,
                "game_start_time": tip_off,
                "home_team_abbr": self.home,
                "away_team_abbr": self.away,
                "snapshot_timestamp": tip_off - timedelta(minutes=minutes),
                "minutes_before_tipoff": minutes,
                "bookmaker": "DraftKings",
                "player_name": name,
                "player_lookup": player,
                "points_line": points,
                "processed_at": tip_off - timedelta(minutes=minutes),
            }
        )

    def game_line(self, spread: float, total: float, minutes: int = 600) -> None:
        """Spread of the home team and total of tonight's game."""
        names = {self.home: "home", self.away: "away"}
        row = {
            "snapshot_timestamp": self.tonight.tip_off - timedelta(minutes=minutes),
            "game_id": "its event",
            "commence_time": self.tonight.tip_off,
            "game_date": self.tonight.game_date,
            "home_team": names[self.home],
            "away_team": names[self.away],
            "home_team_abbr": self.home,
            "away_team_abbr": self.away,
            "bookmaker_key": "draftkings",
            "processed_at": self.tonight.tip_off - timedelta(minutes=minutes),
        }
        self.world.rows[LINES] += [
            {**row, "market_key": "spreads", "outcome_name": names[self.home], "outcome_point": spread},
            {**row, "market_key": "spreads", "outcome_name": names[self.away], "outcome_point": -spread},
            {**row, "market_key": "totals", "outcome_name": "Over", "outcome_point": total},
            {**row, "market_key": "totals", "outcome_name": "Under", "outcome_point": total},
        ]

    def report(self, name: str, team: str, status: str, hour: int = 12, reason: str = "Sore knee") -> None:
        """A row of tonight's injury report, of an hour of the game's date."""
        self.world.rows[REPORTS].append(
            {
                "report_date": self.tonight.game_date,
                "report_hour": hour,
                "game_date": self.tonight.game_date,
                "team": team,
                "player_lookup": "damaged",
                "player_full_name": name,
                "injury_status": status,
                "reason": reason,
                "matchup": f"{self.away}@{self.home}",
            }
        )

    def roster(self, team: str, players: dict[str, str], days_before: int = 1, hours: float = 36) -> None:
        """A team's roster: names by key, of some days before tonight, loaded some hours before tip-off."""
        self.world.rows[ROSTERS] += [
            {
                "roster_date": self.tonight.game_date - timedelta(days=days_before),
                "team_abbr": team,
                "player_lookup": lookup,
                "player_full_name": name,
                "birth_date": date(2000, 2, 4),
                "processed_at": self.tonight.tip_off - timedelta(hours=hours),
            }
            for lookup, name in players.items()
        ]

    def of(self, table, game, line):
        """The raw row of a player in a game that was played."""
        return next(row for row in self.world.of(table, game) if row["player_lookup"] == line.player.lookup)

    def sits_out(self, game: SimulatedGame, line) -> None:
        """Take a player out of a game that was played: listed, not entered. Somebody who sat plays in his place."""
        seated = next(x for x in game.lines if x.team == line.team and not x.seconds)
        book, his = self.of(GAMEBOOK, game, line), self.of(GAMEBOOK, game, seated)
        for column, value in list(book.items()):
            if column not in ("player_name", "player_name_original", "player_lookup"):
                book[column], his[column] = his[column], value
        evening = self.of(EVENING, game, line)
        evening["player_lookup"], evening["player_full_name"] = seated.player.lookup, seated.player.name

    def publish(self, **options):
        """Load everything and publish all dates."""
        self.world.load()
        return publish(self.world.warehouse, Request(self.games[0].game_date, self.tonight.game_date, **options))

    def rows(self):
        """Tonight's rows, by player."""
        rows = self.world.table(UPCOMING)
        return {row["player_lookup"]: row for row in rows if row["game_id"] == self.tonight.game_id}


@pytest.fixture
def scene(make_world, monkeypatch):
    """A function that makes a scene: dates of games played, as days before tonight or as dates."""

    def make(*played, tonight=TONIGHT, **options):
        days = [tonight - timedelta(days=day) if isinstance(day, int) else day for day in played]
        return Scene(make_world, monkeypatch, days, tonight, **options)

    return make


# --- Who is listed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_listed"), [(1, True), (30, True), (31, False)])
def test_the_latest_row_of_thirty_days_says_who_plays_for_whom(scene, days, is_listed):
    tonight = scene(days)
    tonight.publish()
    everybody = {line.player.lookup for line in tonight.tonight.lines}
    assert set(tonight.rows()) == (everybody if is_listed else set())


def test_a_star_injured_for_months_is_listed_once_a_book_has_a_line(scene):
    """A look-back of 30 days took long-injured stars for nobody."""
    tonight = scene(60)
    tonight.line(tonight.lookup, 20.5)
    tonight.publish()
    assert set(tonight.rows()) == {tonight.lookup}
    assert tonight.rows()[tonight.lookup]["days_rest"] == 60


@pytest.mark.parametrize(
    ("day", "is_listed"), [(date(2025, 10, 21), True), (date(2025, 11, 3), True), (date(2025, 11, 4), False)]
)
def test_in_the_first_fourteen_days_the_season_before_says_who_plays_for_whom(scene, day, is_listed):
    """The season begins with its first scheduled game: no date of the calendar is written down anywhere."""
    opening = replace(night(3)[2], game_date=date(2025, 10, 21), number=99)
    tonight = scene(date(2025, 4, 10), tonight=day, others=[opening])
    tonight.publish()
    assert bool(tonight.rows()) is is_listed
    for row in tonight.rows().values():
        assert row["games_played_season"] == 0 and row["days_rest"] is None and row["points_avg_season"] is None


def test_a_line_finds_the_row_of_the_season_before_at_any_time(scene):
    opening = replace(night(3)[2], game_date=date(2025, 10, 21), number=99)
    tonight = scene(date(2025, 4, 10), others=[opening])
    tonight.line(tonight.lookup, 20.5)
    tonight.publish()
    assert set(tonight.rows()) == {tonight.lookup}


def test_a_line_for_somebody_without_any_row_lists_nobody(scene):
    tonight = scene(3)
    tonight.line("somebodynew", 8.5)
    tonight.publish()
    assert "somebodynew" not in tonight.rows()


def told(tonight):
    """The events about what is left out, and whether left_out passes, by table and kind."""
    events = tonight.world.query(
        "SELECT table_name, event_type, description FROM nba_phase3.data_quality_events "
        "WHERE event_type LIKE 'inputs_%' ORDER BY event_timestamp, table_name"
    )
    return [(event["table_name"], event["event_type"], event["description"].split(": ", 1)[1]) for event in events]


def test_what_is_left_out_before_a_game_is_said_once_and_again_when_it_changes(scene):
    """Each tick of a sensor that publishes looks at it again."""
    tonight = scene(3)
    tonight.line("somebodynew", 8.5)
    tonight.report("Some Body", tonight.home, "GTD")
    tonight.report("A Stranger", "UNKNOWN", "Out")
    tonight.report("", tonight.home, "Out")
    tonight.world.rows[REPORTS][-1]["player_lookup"] = None
    tonight.report("Of Nowhere", "UNKNOWN", "Out")
    tonight.world.rows[REPORTS][-1]["matchup"] = None
    tonight.game_line(-61.5, 98)
    tonight.game_line(-3.5, 221)
    for row in tonight.world.rows[LINES][-4:]:
        row |= {"home_team_abbr": None, "home_team": "World"}
    tonight.game_line(-3.5, 98, minutes=-10)
    publication = tonight.publish()
    players, teams = told(tonight)
    assert players == (
        UPCOMING,
        "inputs_left_out",
        "left out: astranger: is reported out with no team named and has no row; "
        "somebodynew: has a points line of 8.5 and has no row",
    )
    assert teams[:2] == (TEAMS, "inputs_left_out")
    line = "draftkings, {} at {}: {}".format
    assert teams[2].removeprefix("left out: ").split("; ") == [
        "Of Nowhere: names neither a team nor a game of the date",
        "Some Body: unknown status gtd",
        line("away", "World", "names a team that is none of the thirty"),
        line("away", "home", "impossible spread -61.5"),
        line("away", "home", "impossible spread 61.5 (and 2 more)"),
    ]
    verdicts = {v.table: v for v in publication.verdicts if v.check == "left_out" and v.date == TONIGHT}
    assert {name: (v.passed, v.blocking) for name, v in verdicts.items()} == dict.fromkeys(verdicts, (False, False))
    assert (verdicts[UPCOMING].offenders, verdicts[TEAMS].offenders) == (2, 7)
    tonight.publish()
    assert len(told(tonight)) == 2
    tonight.at(timedelta(hours=-4))
    tonight.report("Some Body", tonight.home, "Out", hour=13)
    tonight.world.rows[LINES] = []
    tonight.publish()
    [later] = told(tonight)[2:]
    assert later[:2] == (TEAMS, "inputs_left_out") and "Some Body" not in later[2] and "impossible" not in later[2]
    tonight.at(timedelta(hours=-2))
    tonight.world.rows[REPORTS] = []
    tonight.publish()
    assert told(tonight)[3:] == [
        (
            UPCOMING,
            "inputs_left_out",
            "left out: somebodynew: has a points line of 8.5 and has no row",
        ),
        (TEAMS, "inputs_no_longer_left_out", "nothing is left out any more"),
    ]


def test_a_report_beats_a_roster_and_a_roster_the_latest_row(scene):
    tonight = scene(3)
    star, team = tonight.star, tonight.star.team
    other = tonight.away if team == tonight.home else tonight.home
    tonight.roster(other, {star.player.lookup: star.player.name})
    tonight.publish()
    assert tonight.rows()[tonight.lookup]["team_abbr"] == other
    tonight.report(star.player.name, team, "Questionable")
    tonight.publish()
    row = tonight.rows()[tonight.lookup]
    assert (row["team_abbr"], row["player_status"], row["injury_report"]) == (team, "questionable", "Sore knee")


LATE = replace(night(3)[1], game_date=TONIGHT, number=98)
"""A second game of tonight, three hours after the first."""


@pytest.fixture
def evening(scene):
    """Tonight's two games, which begin at different times; only the first one's players have rows. Both are over."""
    tonight = scene(3, others=[LATE])
    for row in tonight.world.of(SCHEDULE, LATE):
        row["game_date_est"] += timedelta(hours=3)
    tonight.at(timedelta(hours=9))
    return tonight


def listed_for(tonight):
    """The game that each player is listed for; nobody is listed for two."""
    rows = tonight.world.table(UPCOMING)
    tonights = {row["player_lookup"]: row["game_id"] for row in rows if row["game_date"] == TONIGHT}
    assert len(tonights) == sum(row["game_date"] == TONIGHT for row in rows)
    return tonights


@pytest.mark.parametrize(("hour", "moves"), [(18, True), (19, False), (20, False)])
def test_what_is_reported_between_two_tip_offs_does_not_reach_the_earlier_game(evening, hour, moves):
    """19:30 and 22:30. With hindsight both reports are there; at 19:30 only what was out by then was known."""
    evening.roster(LATE.home, {"arookie": "A. Rookie"})
    evening.report(evening.star.player.name, LATE.home, "Probable", hour)
    evening.report(evening.other.player.name, evening.other.team, "Out", 17)
    evening.report(evening.other.player.name, LATE.home, "Probable", hour)
    evening.publish()
    games = listed_for(evening)
    expected = LATE.game_id if moves else evening.tonight.game_id
    assert games[evening.lookup] == games[evening.other.player.lookup] == expected
    if not moves:
        assert evening.rows()[evening.other.player.lookup]["player_status"] == "out"
        left_out = [event for event in told(evening) if event[0] == UPCOMING]
        assert left_out[0][2].count(f"is reported probable of {LATE.home} and has no row") == 2


@pytest.mark.parametrize(("hours", "moves"), [(-0.1, True), (0, False), (2, False)])
def test_a_roster_loaded_between_two_tip_offs_does_not_reach_the_earlier_game(evening, hours, moves):
    evening.roster(evening.star.team, {evening.lookup: "The Star"}, days_before=1)
    evening.roster(LATE.home, {evening.lookup: "The Star"}, days_before=0, hours=-hours)
    evening.publish()
    assert listed_for(evening)[evening.lookup] == (LATE.game_id if moves else evening.tonight.game_id)


def test_a_player_whose_team_does_not_play_is_not_listed(scene):
    tonight = scene(3)
    tonight.roster("UTA", {tonight.lookup: tonight.star.player.name})
    tonight.publish()
    assert tonight.rows() and tonight.lookup not in tonight.rows()


@pytest.mark.parametrize(
    ("days_before", "hours", "counts"),
    [(7, 200, True), (8, 200, False), (0, 0.1, True), (0, 0, False), (-1, 36, False)],
    ids=["a week old", "older", "loaded before tip-off", "loaded at tip-off", "of tomorrow"],
)
def test_a_roster_counts_for_a_week_and_only_if_it_was_there_before_tip_off(scene, days_before, hours, counts):
    tonight = scene(3)
    tonight.roster(tonight.home, {"arookie": "A. Rookie"}, days_before, hours)
    tonight.publish()
    assert ("arookie" in tonight.rows()) is counts
    if counts:
        row = tonight.rows()["arookie"]
        assert (row["player_full_name"], row["player_age"], row["games_played_season"]) == ("A. Rookie", 25, 0)


def test_a_newer_roster_that_does_not_name_a_player_ends_his_time_with_the_team(scene):
    tonight = scene(40)
    tonight.roster(tonight.home, {"acenter": "A. Center", "aguard": "A. Guard"}, days_before=5)
    tonight.roster(tonight.home, {"aguard": "A. Guard"}, days_before=1)
    tonight.publish()
    assert set(tonight.rows()) == {"aguard"}


def test_a_report_at_tip_off_or_later_says_nothing(scene):
    """Tip-off is at 19:30: a report of hour 18 is out by then, one of hour 19 is not."""
    tonight = scene(3)
    tonight.report("Early Bird", tonight.home, "Out", hour=18)
    tonight.report("Late Bird", tonight.home, "Out", hour=19)
    tonight.publish()
    assert "earlybird" in tonight.rows() and "latebird" not in tonight.rows()


def test_a_team_that_the_report_does_not_know_is_that_of_the_latest_row(scene):
    tonight = scene(60)
    tonight.report(tonight.star.player.name, "UNKNOWN", "Doubtful")
    tonight.report("Nobody Knows", "UNKNOWN", "Out")
    tonight.publish()
    (row,) = tonight.rows().values()
    assert (row["player_lookup"], row["team_abbr"]) == (tonight.lookup, tonight.star.team)
    assert row["player_status"] == "doubtful"


def test_nobody_is_listed_because_of_the_games_own_box_score(scene):
    """Once the list of players came from the game's own gamebook: a leak, and empty before the game."""
    tonight = scene(3)
    tonight.publish()
    before = tonight.rows()
    for name, rows in tonight.results.items():
        tonight.world.rows[name] += rows
    stranger = next(row for row in tonight.world.of(GAMEBOOK, tonight.tonight) if row["minutes"])
    for table in (GAMEBOOK, EVENING):
        for row in tonight.world.of(table, tonight.tonight):
            if row["player_lookup"] == stranger["player_lookup"]:
                row["player_lookup"] = "astranger"
    tonight.at(timedelta(hours=-1))
    tonight.publish(repair=True)
    assert set(tonight.rows()) == set(before)


# --- Games that were not played, zeros, windows -----------------------------------------------------------------------


def test_games_not_played_change_no_figure(scene):
    """Averages once counted players' rows of games they had not played."""
    played = scene(9, 6)
    played.publish()
    expected = played.rows()[played.lookup]
    listed = scene(9, 6, 3, 1)
    for game in listed.games[2:4]:
        listed.sits_out(game, listed.star)
    listed.publish()
    row = listed.rows()[listed.lookup]
    rows = [r for r in listed.world.table(PLAYERS) if r["player_lookup"] == listed.lookup]
    assert [r["is_dnp"] for r in rows] == [False, False, True, True]
    own = [name for name in row if name.endswith(("_last_5", "_last_7", "_last_10", "_season", "_days", "_used"))]
    own += ["days_rest", "full_rest_days", "days_rest_before_last_game", "back_to_back", "latest_game_used"]
    own = [name for name in own if not name.startswith("opponent_")]
    assert len(own) > 20
    assert {name: row[name] for name in own} == {name: expected[name] for name in own}
    # The team did play the day before.
    assert row["team_back_to_back"] is True and row["back_to_back"] is False and row["days_rest"] == 6


def test_rest_is_counted_in_calendar_days_from_the_game_that_was_played(scene):
    tonight = scene(4, 1)
    tonight.publish()
    row = tonight.rows()[tonight.lookup]
    assert (row["days_rest"], row["days_since_last_game"], row["full_rest_days"]) == (1, 1, 0)
    assert row["back_to_back"] and row["team_back_to_back"] and row["opponent_days_rest"] == 1
    assert row["days_rest_before_last_game"] == 3 and row["days_since_2_plus_days_rest"] == 1


def test_windows_begin_seven_and_fourteen_days_before_and_end_the_day_before(scene):
    """They once were a day short."""
    tonight = scene(15, 14, 8, 7, 6)
    tonight.publish()
    row = tonight.rows()[tonight.lookup]
    minutes = row["minutes_in_last_7_days"] / 2
    assert row["games_in_last_7_days"] == 2 and row["games_in_last_14_days"] == 4
    assert row["minutes_in_last_14_days"] == 4 * minutes and row["avg_minutes_per_game_last_7"] == minutes
    # 8, 7 and 6 days before are two pairs. 15 and 14 are no pair of these fourteen days.
    assert row["back_to_backs_last_14_days"] == 2


def test_an_average_of_zero_is_zero(scene):
    tonight = scene(4, 2)
    scoreless = next(line for line in tonight.tonight.lines if line.seconds and not line.counts["points"])
    tonight.line(scoreless.player.lookup, 3.5)
    tonight.publish()
    row = tonight.rows()[scoreless.player.lookup]
    averages = [row[f"points_avg_{span}"] for span in ("last_5", "last_10", "season")]
    assert averages == [0, 0, 0] and row["points_std_last_10"] == 0
    assert (row["prop_over_streak"], row["prop_under_streak"], row["has_prop_line"]) == (0, 2, True)


def test_nothing_is_known_of_somebody_without_games_and_counts_are_zero(scene):
    tonight = scene(3)
    tonight.roster(tonight.home, {"arookie": "A. Rookie"})
    tonight.publish()
    row = tonight.rows()["arookie"]
    assert row["points_avg_last_5"] is None and row["minutes_avg_last_10"] is None and row["days_rest"] is None
    assert (row["games_in_last_7_days"], row["minutes_in_last_14_days"], row["l10_games_used"]) == (0, 0, 0)
    assert row["back_to_back"] is False and row["prop_over_streak"] is None


# --- Lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("above", "over", "under"), [(-0.5, 3, 0), (0.5, 0, 3), (0, 0, 0)])
def test_a_streak_is_held_against_todays_line(scene, above, over, under):
    """A game on the line neither counts nor breaks the streak."""
    tonight = scene(6, 4, 2)
    tonight.line(tonight.lookup, tonight.star.counts["points"] + above)
    tonight.publish()
    row = tonight.rows()[tonight.lookup]
    assert (row["prop_over_streak"], row["prop_under_streak"]) == (over, under)


def test_a_line_taken_during_the_game_is_not_todays(scene):
    tonight = scene(2)
    tonight.line(tonight.lookup, 10.5, minutes=600)
    tonight.line(tonight.lookup, 12.5, minutes=5)
    tonight.line(tonight.lookup, 30.5, minutes=-5)
    tonight.publish()
    row = tonight.rows()[tonight.lookup]
    assert row["points_line_updated_at"] < row["points_line_known_until"] == tonight.tonight.tip_off
    lines = [row[name] for name in ("current_points_line", "opening_points_line", "line_movement")]
    assert lines == [Decimal("12.5"), Decimal("10.5"), 2] and row["current_points_line_source"] == "draftkings"


def test_the_spread_is_the_home_teams_for_both_teams(scene):
    tonight = scene(2)
    tonight.game_line(-3.5, 230)
    tonight.game_line(-4.5, 231, minutes=30)
    tonight.publish()
    for row in tonight.rows().values():
        assert (row["game_spread"], row["opening_spread"], row["spread_movement"]) == (-4.5, -3.5, -1)
        assert row["team_spread"] == (-4.5 if row["home_game"] else 4.5)
        assert row["implied_team_total"] == Decimal("117.8" if row["home_game"] else "113.3")
        assert (row["game_total"], row["opening_total"], row["total_movement"]) == (231, 230, 1)


def test_a_line_that_moves_makes_both_tables_new_in_one_run(scene):
    tonight = scene(2)
    tonight.game_line(-3.5, 230)
    first = tonight.publish(is_automatic=True)
    assert [report_of(first, table).count("published") for table in (TEAMS, UPCOMING)] == [1, 1]
    tonight.game_line(-5.5, 228, minutes=90)
    second = tonight.publish(is_automatic=True)
    assert [report_of(second, table).count("published") for table in (TEAMS, UPCOMING)] == [1, 1]
    assert {row["game_spread"] for row in tonight.rows().values()} == {Decimal("-5.5")}
    third = tonight.publish(is_automatic=True)
    assert [report_of(third, table).count("published") for table in (TEAMS, UPCOMING)] == [0, 0]


def test_after_an_upgrade_of_the_team_table_a_players_line_still_makes_his_row_new(scene):
    """The sensor's run leaves new code alone to a person, unless inputs have changed: here those of the second table.

    Were the team row left, it would be older than its code, and the player's row would wait for it for ever.
    """
    tonight = scene(2)
    tonight.line(tonight.lookup, 20.5)
    tonight.publish(is_automatic=True)
    tonight.world.tamper(f"UPDATE nba_phase3.publications SET code_version = 'before' WHERE table_name = '{TEAMS}'")
    left = tonight.publish(is_automatic=True)
    assert [report_of(left, table).count("published") for table in (TEAMS, UPCOMING)] == [0, 0]
    tonight.line(tonight.lookup, 22.5, minutes=90)
    tonight.publish(is_automatic=True)
    assert tonight.rows()[tonight.lookup]["current_points_line"] == Decimal("22.5")


# --- Injuries ---------------------------------------------------------------------------------------------------------


def test_without_a_report_nobody_is_said_to_be_healthy(scene):
    """Once 0 stood for "no report"."""
    tonight = scene(2)
    tonight.report("Somebody Else", tonight.home, "Probable")
    tonight.publish()
    for row in tonight.rows().values():
        own = [row[n] for n in ("questionable_teammates", "probable_teammates", "star_teammates_out")]
        is_himself = row["player_lookup"] == "somebodyelse"
        assert own == ([0, 0 if is_himself else 1, 0] if row["home_game"] else [None] * 3)
        assert row["opponent_star_players_out"] == (None if row["home_game"] else 0)


@pytest.mark.parametrize(("games", "is_star"), [(10, True), (9, False)])
def test_a_star_who_is_out_is_missed_by_both_teams(scene, games, is_star):
    tonight = scene(*range(2, 2 * games + 1, 2))
    assert tonight.star.counts["points"] >= 18
    own = tonight.star.team
    other = tonight.away if own == tonight.home else tonight.home
    tonight.report(tonight.star.player.name, own, "Out")
    tonight.report(tonight.other.player.name, own, "Doubtful")
    tonight.report("Somebody Else", other, "Available")
    tonight.publish()
    rows = tonight.rows()
    assert rows[tonight.lookup]["player_status"] == "out"
    for row in rows.values():
        is_star_himself = row["player_lookup"] == tonight.lookup
        if row["team_abbr"] == own:
            assert row["star_teammates_out"] == int(is_star and not is_star_himself)
            assert row["opponent_star_players_out"] == 0
            assert row["questionable_teammates"] == int(row["player_lookup"] != tonight.other.player.lookup)
        else:
            assert row["star_teammates_out"] == 0 and row["opponent_star_players_out"] == int(is_star)


# --- Beside the team's row --------------------------------------------------------------------------------------------


def test_an_empty_warehouse_gets_both_tables_in_one_run_and_a_second_run_writes_nothing(scene):
    tonight = scene(4, 2)
    first = tonight.publish(is_automatic=True)
    assert len(tonight.rows()) == len(tonight.tonight.lines) and not first.held_back
    assert all(not row["is_hindsight"] and row["known_at"] < row["tip_off"] for row in tonight.rows().values())
    records = tonight.world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications")
    second = tonight.publish(is_automatic=True)
    assert tonight.world.query("SELECT COUNT(*) AS n FROM nba_phase3.publications") == records
    assert not second.held_back


def test_a_held_back_team_row_holds_the_players_of_that_game_back(scene):
    """A row of another game that claims the team's key holds the team row back."""
    tonight = scene(2)
    tonight.game_line(-3.5, 230)
    tonight.publish()
    before = tonight.rows()
    tonight.world.tamper(
        f"INSERT INTO nba_analytics.{TEAMS} SELECT * REPLACE ('20260203_UTA_SAC' AS game_id) "
        f"FROM nba_analytics.{TEAMS} WHERE game_id = '{tonight.tonight.game_id}'"
    )
    tonight.game_line(-5.5, 228, minutes=90)
    publication = tonight.publish()
    outcomes = {table: report_of(publication, table).games[-1] for table in (TEAMS, UPCOMING)}
    assert [(o.game_id, o.outcome) for o in outcomes.values()] == [
        (tonight.tonight.game_id, "quarantined"),
        (tonight.tonight.game_id, "gated"),
    ]
    assert outcomes[UPCOMING].reason.startswith(f"{TEAMS} is quarantined: duplicates: ")
    assert tonight.rows() == before


def test_the_players_wait_for_the_team_rows(scene):
    tonight = scene(2)
    tonight.world.load()
    dates = Request(tonight.games[0].game_date, TONIGHT)
    publication = publish(tonight.world.warehouse, dates, [published_table(UPCOMING)])
    assert {outcome.reason for outcome in report_of(publication, UPCOMING).pending} == {
        f"{TEAMS} is not published for this game; materialize it first"
    }


def test_a_game_whose_players_are_not_published_is_named(scene):
    """It is missing here although the team's own row has it."""
    tonight = scene(6, 4, 2)
    tonight.publish()
    missing = tonight.games[1]
    with tonight.world.warehouse.session() as session:
        session._connection.execute(
            f"UPDATE nba_analytics.{PLAYERS} SET points = points + 1 WHERE game_id = '{missing.game_id}'"
        )
    publish(tonight.world.warehouse, Request(TONIGHT, TONIGHT))
    row = tonight.rows()[tonight.lookup]
    assert (row["expected_games_count"], row["actual_games_count"], row["missing_games_count"]) == (3, 2, 1)
    assert row["quality_tier"] == "bronze" and f"missing_games={missing.game_id}" in row["quality_issues"]
    assert row["games_played_season"] == 2 and not row["is_production_ready"]


def test_the_clock_at_the_venue_says_when_the_game_begins(scene):
    tonight = scene(2)
    assert (tonight.home, tonight.tonight.tip_off.hour) == ("LAC", 0)
    tonight.publish()
    assert {row["game_start_time_local"] for row in tonight.rows().values()} == {"4:30 PM"}
