"""The night of 2026-02-03 again, on its real rows, in every order: what readers see at each moment, and who says what.

What belongs here: the ten games of the incident, their rows late, empty, one-sided, wrong or repaired by hand, step by
step until all is well. What doesn't: the figures themselves (sql/test_real_games.py), each rule alone
(sql/test_rules.py).

After every step one thing must hold (`Night.see`): what a reader sees of a game is all of it, and true.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from phase3_assets.catalog.tables import published_table, published_tables, tables_named
from phase3_assets.clock import utc_now
from phase3_assets.loading.files import load_raw
from phase3_assets.publishing.check import Verdict, check_published
from phase3_assets.publishing.drift import Drift, verify
from phase3_assets.publishing.publish import publish
from phase3_assets.publishing.requests import Publication, Request, TableReport
from phase3_assets.publishing.states import reader_state
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.games import DAY, DEFENSE, KEYS, OFFENSE, PLAYERS, SUMMARIES, report_of

pytestmark = pytest.mark.real_data

Row = dict[str, Any]
Games = dict[str, dict[str, Row]]
"""game_id to the rows of that game by team or player."""

TEAM_BOXES, GAMEBOOK, EVENING = "nbac_team_boxscore", "nbac_gamebook_player_stats", "nbac_player_boxscores"
GAME = "20260203_PHX_POR"
OTHERS = frozenset(
    f"20260203_{teams}"
    for teams in ["ATL_MIA", "BOS_DAL", "CHI_MIL", "DEN_DET", "LAL_BKN", "NYK_WAS", "ORL_OKC", "PHI_GSW", "UTA_IND"]
)
ALL = OTHERS | {GAME}
SOURCE = {"quality_tier", "quality_issues", "primary_source_used"}
PUBLICATION = {"data_hash", "publication_id", "code_version", "processed_at"}
OF_MINUTES = {"minutes_played", "usage_rate", "usage_rate_raw", "usage_rate_anomaly_reason"}
# The next morning in New York.
MORNING = datetime(2026, 2, 4, 14, tzinfo=UTC)
COUNTS = """points fg_made fg_attempted three_pt_made three_pt_attempted ft_made ft_attempted offensive_rebounds
    defensive_rebounds total_rebounds assists steals blocks turnovers personal_fouls plus_minus"""
PLACEHOLDER = {**dict.fromkeys(COUNTS.split(), "0"), "minutes": "NULL"}
# 30 twos, 20 threes and 10 free throws are 130 points with any number of turnovers.
FEWER_TURNOVERS = {"turnovers": "turnovers - 2"}


@dataclass
class Night:
    """The warehouse of that night. Schema true_raw keeps the rows as the league has them; nba_raw, what has arrived."""

    warehouse: DuckDBWarehouse
    truth: dict[str, Games]

    # What happens to it

    def by_hand(self, *statements: str) -> None:
        """Somebody writes to the warehouse."""
        with self.warehouse.session() as session:
            for statement in statements:
                session._connection.execute(statement)

    def lose(self, table: str, game: str = GAME) -> None:
        self.by_hand(f"DELETE FROM nba_raw.{table} WHERE game_id = '{game}'")

    def arrive(self, table: str, *teams: str, game: str = GAME, hours: int = 0, **changes: str) -> None:
        """The true rows of a game come in, of some of its teams, earlier or later by some hours, or changed."""
        changes = {"processed_at": f"processed_at + INTERVAL ({hours}) HOUR", **changes}
        replaced = ", ".join(f"{value} AS {column}" for column, value in changes.items())
        chosen = f"AND team_abbr IN ({', '.join(repr(team) for team in teams)})" if teams else ""
        self.by_hand(
            f"INSERT INTO nba_raw.{table} SELECT * REPLACE ({replaced}) FROM true_raw.{table} "
            f"WHERE game_id = '{game}' {chosen}"
        )

    def publish(self, *tables: str, **options: Any) -> Publication:
        chosen = [published_table(name) for name in tables or SUMMARIES]
        return publish(self.warehouse, Request(DAY, DAY, **options), chosen)

    # What is said of it

    def check(self, now: datetime | None = None) -> dict[tuple[str, str], Verdict]:
        """The checks that fail, by table and name."""
        clock = utc_now if now is None else lambda: now
        verdicts = check_published(self.warehouse, DAY, DAY, tables_named(SUMMARIES), Thresholds(), clock=clock)
        return failing(verdicts)

    def drifts(self) -> list[Drift]:
        return verify(self.warehouse, DAY, DAY, published_tables())

    def query(self, sql: str) -> list[Row]:
        with self.warehouse.session(read_only=True) as session:
            return session.query(sql)

    # What a reader sees of it

    def rows(self) -> dict[str, Games]:
        """Every published row, by table and game."""
        with self.warehouse.session(read_only=True) as session:
            return {table: by_game(table, session.query(f"SELECT * FROM nba_analytics.{table}")) for table in SUMMARIES}

    def see(
        self, publication: Publication | None = None, besides: Collection[tuple[str, str]] = ()
    ) -> dict[str, Games]:
        """What a reader sees now, after holding all of it (`besides` some games of a table) against the truth.

        After a publication, the stored states say the same as it does.
        """
        seen = self.rows()
        for table, games in seen.items():
            for game, rows in games.items():
                if (table, game) not in besides:
                    assert_true(rows, self.truth[table][game])
        assert set(seen[DEFENSE]) <= set(seen[OFFENSE]) and set(seen[PLAYERS]) <= set(seen[OFFENSE])
        if publication is not None:
            stored = self.query("SELECT game_id, state, reason FROM nba_phase3.game_readiness")
            told = {game_id: reader_state(game) for game_id, game in publication.games.items()}
            assert {row["game_id"]: (row["state"], row["reason"]) for row in stored} == told
        return seen


def by_game(table: str, rows: list[Row]) -> Games:
    games: Games = {}
    for row in rows:
        of_game = games.setdefault(row["game_id"], {})
        name = row[KEYS[table][1]]
        assert name not in of_game, f"{table} has {name} twice"
        of_game[name] = row
    return games


def assert_true(rows: dict[str, Row], truth: dict[str, Row]) -> None:
    """All rows of a game are there and say what the true ones say; where they were served by whole minutes, usage is
    the true one of those minutes."""
    assert set(rows) == set(truth)
    for name, row in rows.items():
        true = truth[name]
        ignored = SOURCE | PUBLICATION
        if row["primary_source_used"] == EVENING:
            ignored = ignored | OF_MINUTES
            assert row["quality_tier"] == "silver"
            assert_same_plays(row, true)
        assert {k: v for k, v in row.items() if k not in ignored} == {k: v for k, v in true.items() if k not in ignored}


def assert_same_plays(row: Row, true: Row) -> None:
    """Usage times minutes is the player's share of the plays, whatever the minutes are rounded to."""
    minutes, true_minutes = row["minutes_played"], true["minutes_played"]
    assert abs(minutes - true_minutes) <= 1
    if minutes == 0:
        assert row["usage_rate"] is None
        return
    raw, true_raw = row["usage_rate_raw"], true["usage_rate_raw"]
    half = Decimal("0.005")
    tolerance = half * (minutes + true_minutes) + Decimal("0.05") * true_raw
    assert abs(raw * minutes - true_raw * true_minutes) <= tolerance, (row["player_lookup"], raw, true_raw)
    if row["usage_rate"] is not None:
        assert abs(row["usage_rate"] - raw) <= Decimal("0.055") and row["usage_rate"] <= 100


def failing(verdicts: Collection[Verdict]) -> dict[tuple[str, str], Verdict]:
    """The failing checks. That Chicago's players have one attempt less than Chicago is in the real rows."""
    failed = {(v.table, v.check): v for v in verdicts if not v.passed}
    totals = failed.get((PLAYERS, "team_totals"))
    if totals and totals.metadata["games"] == ["20260203_CHI_MIL"]:
        del failed[PLAYERS, "team_totals"]
    return failed


def errors(failed: dict[tuple[str, str], Verdict]) -> set[tuple[str, str]]:
    return {key for key, verdict in failed.items() if verdict.severity == "ERROR"}


def states(publication: Publication) -> dict[str, tuple[str, str | None]]:
    """State and reason of every game that is not simply published."""
    told = {game_id: reader_state(game) for game_id, game in publication.games.items()}
    assert set(told) == ALL
    return {game_id: state for game_id, state in told.items() if state != ("published", None)}


def outcomes(publication: Publication) -> dict[str, dict[str, set[str]]]:
    """Per table the games with each outcome."""

    def of(report: TableReport) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for game in report.games:
            found.setdefault(game.outcome, set()).add(game.game_id)
        return found

    return {report.table: of(report) for report in publication.reports}


def visible(seen: dict[str, Games]) -> dict[str, set[str]]:
    return {table: set(games) for table, games in seen.items()}


def everywhere(*games: str) -> dict[str, set[str]]:
    return {table: set(games) for table in SUMMARIES}


def tiers(games: Games, game: str = GAME) -> set[str]:
    return {row["quality_tier"] for row in games[game].values()}


def of_others(seen: dict[str, Games]) -> dict[str, Games]:
    return {table: {game: rows for game, rows in games.items() if game != GAME} for table, games in seen.items()}


def without_publication(games: Games) -> Games:
    """The rows as they are, tier and issues included, but for what every publication writes anew."""
    return {
        game: {
            name: {k: v for k, v in row.items() if k not in PUBLICATION - {"data_hash"}} for name, row in rows.items()
        }
        for game, rows in games.items()
    }


def is_the_true_night(night: Night) -> None:
    """Every row of every game, from its first source."""
    seen = night.see()
    assert {t: without_publication(seen[t]) for t in SUMMARIES} == {
        t: without_publication(night.truth[t]) for t in SUMMARIES
    }


# The nights to begin with: all rows there and nothing published; all published; nine published and the tenth to come.


@dataclass(frozen=True)
class Templates:
    loaded: bytes
    published: bytes
    nine: bytes
    truth: dict[str, Games]


@pytest.fixture(scope="module")
def _templates(tmp_path_factory: pytest.TempPathFactory, _initialised_file: bytes) -> Templates:
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real box scores are not at {REAL_DATA}")
    folder = tmp_path_factory.mktemp("incident")
    raw = folder / "raw"
    raw.mkdir()
    names = ("nbac_schedule", TEAM_BOXES, GAMEBOOK, EVENING)
    for name in names:
        rows = f"SELECT * FROM read_parquet('{REAL_DATA / name}.parquet') WHERE game_date = '{DAY}'"
        duckdb.execute(f"COPY ({rows}) TO '{raw / name}.parquet'")

    def made(file: str, start: bytes, work: Callable[[Night], object]) -> tuple[Night, bytes]:
        path = folder / file
        path.write_bytes(start)
        night = Night(DuckDBWarehouse(path), {})
        work(night)
        return night, path.read_bytes()

    def load(night: Night) -> None:
        assert load_raw(night.warehouse, raw) == ([], [])
        night.by_hand(
            "CREATE SCHEMA true_raw", *(f"CREATE TABLE true_raw.{name} AS FROM nba_raw.{name}" for name in names)
        )

    def publish_nine(night: Night) -> None:
        night.by_hand(*(f"DELETE FROM nba_analytics.{t} WHERE game_id = '{GAME}'" for t in SUMMARIES))
        night.by_hand(
            *(f"DELETE FROM nba_phase3.{t} WHERE game_id = '{GAME}'" for t in ("publications", "game_readiness"))
        )
        night.lose(TEAM_BOXES)
        night.lose(GAMEBOOK)

    _, loaded = made("loaded.duckdb", _initialised_file, load)
    night, published = made("published.duckdb", loaded, Night.publish)
    _, nine = made("nine.duckdb", published, publish_nine)
    return Templates(loaded, published, nine, night.rows())


@pytest.fixture
def start(warehouse: DuckDBWarehouse, _templates: Templates) -> Callable[[str], Night]:
    """A night from one of the templates."""

    def begin(template: str) -> Night:
        warehouse.path.write_bytes(getattr(_templates, template))
        return Night(warehouse, _templates.truth)

    return begin


@pytest.fixture
def loaded(start: Callable[[str], Night]) -> Night:
    """Every true row has arrived; nothing is published."""
    return start("loaded")


@pytest.fixture
def published(start: Callable[[str], Night]) -> Night:
    """Every game is published from its true rows."""
    return start("published")


@pytest.fixture
def nine(start: Callable[[str], Night]) -> Night:
    """Nine games are published; of PHX@POR only the same-evening player rows are there."""
    return start("nine")


# The figures of that night


def test_the_true_night(published):
    seen = published.see()
    assert visible(seen) == everywhere(*ALL)
    players = [row for rows in seen[PLAYERS].values() for row in rows.values()]
    played = [row for row in players if row["minutes_played"]]
    assert len(played) == 217
    assert all(row["usage_rate"] is not None for row in played)
    assert max(row["usage_rate"] for row in played) == Decimal("45.7")
    phoenix, portland = seen[OFFENSE][GAME]["PHX"], seen[OFFENSE][GAME]["POR"]
    assert (phoenix["points_scored"], portland["points_scored"]) == (130, 125)
    assert [phoenix[c] for c in ("fg_attempts", "ft_attempts", "turnovers", "offensive_rebounds")] == [97, 15, 11, 18]
    allen = seen[PLAYERS][GAME]["graysonallen"]
    assert [allen[c] for c in ("fg_attempts", "ft_attempts", "turnovers")] == [17, 0, 3]
    assert (allen["minutes_played"], allen["usage_rate"]) == (Decimal("36.0"), Decimal("23.3"))
    assert {row["quality_tier"] for row in players} == {"gold"}
    assert published.check() == {} and published.drifts() == []


# (a) Placeholders first


def test_placeholders_first_then_the_gamebook_then_the_box_score(loaded):
    night = loaded
    night.lose(TEAM_BOXES)
    night.lose(GAMEBOOK)
    night.arrive(TEAM_BOXES, hours=-2, **PLACEHOLDER)

    publication = night.publish()
    seen = night.see(publication)
    assert visible(seen) == everywhere(*OTHERS)
    assert states(publication) == {GAME: ("waiting", "placeholder_team_boxscore")}
    assert [held.game_id for held in publication.held_back] == [GAME]
    failed = night.check(MORNING)
    assert set(failed) == {(table, "games_complete") for table in SUMMARIES}
    for verdict in failed.values():
        assert (verdict.severity, verdict.metadata["games"]) == ("WARN", [GAME])
        assert "placeholder_team_boxscore" in verdict.findings[0].problem
    assert errors(failing(publication.verdicts)) == set(failed), "old by now"
    nine = of_others(seen)

    night.arrive(GAMEBOOK)
    publication = night.publish()
    seen = night.see(publication)
    assert visible(seen) == everywhere(*ALL) and states(publication) == {}
    assert {team: row["points_scored"] for team, row in seen[OFFENSE][GAME].items()} == {"PHX": 130, "POR": 125}
    for table in (OFFENSE, DEFENSE):
        assert tiers(seen[table]) == {"silver"}
        for row in seen[table][GAME].values():
            assert (row["primary_source_used"], row["quality_issues"]) == (GAMEBOOK, ["team_rebuilt"])
    assert tiers(seen[PLAYERS]) == {"gold"}
    assert {tuple(row["quality_issues"]) for row in seen[PLAYERS][GAME].values()} == {("team_rebuilt",)}
    assert of_others(seen) == nine
    assert failing(publication.verdicts) == {}

    night.arrive(TEAM_BOXES)
    publication = night.publish()
    assert outcomes(publication) == {table: {"published": {GAME}, "unchanged": OTHERS} for table in SUMMARIES}
    assert of_others(night.see(publication)) == nine
    is_the_true_night(night)
    assert states(publication) == {} and failing(publication.verdicts) == {} and night.drifts() == []


@pytest.mark.long
def test_the_evening_before_any_gamebook(loaded):
    """The evening as it was: whole minutes for nine games, and for the tenth nothing to measure usage against."""
    night = loaded
    night.by_hand(f"DELETE FROM nba_raw.{GAMEBOOK}")
    night.lose(TEAM_BOXES)
    night.arrive(TEAM_BOXES, hours=-2, **PLACEHOLDER)
    publication = night.publish()
    seen = night.see(publication)
    assert visible(seen) == everywhere(*OTHERS)
    assert states(publication) == {GAME: ("waiting", "placeholder_team_boxscore")}
    for game in OTHERS:
        assert tiers(seen[PLAYERS], game) == {"silver"} and tiers(seen[OFFENSE], game) == {"gold"}
    assert errors(failing(publication.verdicts)) == {(table, "games_complete") for table in SUMMARIES}

    night.by_hand(f"INSERT INTO nba_raw.{GAMEBOOK} FROM true_raw.{GAMEBOOK}")
    night.arrive(TEAM_BOXES)
    publication = night.publish()
    teams = {"published": {GAME}, "unchanged": OTHERS}
    assert outcomes(publication) == {OFFENSE: teams, DEFENSE: teams, PLAYERS: {"published": ALL}}
    is_the_true_night(night)
    assert states(publication) == {} and failing(publication.verdicts) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", ["placeholders", *(pytest.param(first, marks=pytest.mark.long) for first in ("gamebook", "box score"))]
)
def test_every_order_of_arrival_ends_at_the_truth_through_nothing_untrue(nine, first):
    """Placeholders, gamebook and box score of PHX@POR in the other orders, published after each."""
    arrivals: dict[str, Callable[[], None]] = {
        "placeholders": lambda: nine.arrive(TEAM_BOXES, hours=-2, **PLACEHOLDER),
        "gamebook": lambda: nine.arrive(GAMEBOOK),
        "box score": lambda: nine.arrive(TEAM_BOXES),
    }
    path, untouched = nine.warehouse.path, of_others(nine.rows())

    def after(done: frozenset[str]) -> tuple[str | None, str | None]:
        """The team rows' tier, the players' tier."""
        team = "gold" if "box score" in done else "silver" if "gamebook" in done else None
        return team, team and ("gold" if "gamebook" in done else "silver")

    def go(done: frozenset[str], before: bytes) -> None:
        for arrival in sorted(arrivals.keys() - done) if done else [first]:
            if done | {arrival} == {"placeholders", "gamebook"} and arrival == "gamebook":
                continue  # the order of the test before
            path.write_bytes(before)
            arrivals[arrival]()
            now = done | {arrival}
            publication = nine.publish()
            seen = nine.see(publication)
            assert of_others(seen) == untouched
            team, players = after(now)
            if team is None:
                assert visible(seen) == everywhere(*OTHERS)
                assert states(publication) == {GAME: ("waiting", "placeholder_team_boxscore")}
            else:
                assert (tiers(seen[OFFENSE]), tiers(seen[DEFENSE])) == ({team}, {team})
                assert tiers(seen[PLAYERS]) == {players} and states(publication) == {}
                assert failing(publication.verdicts) == {}
            if now == arrivals.keys():
                is_the_true_night(nine)
            else:
                go(now, path.read_bytes())

    go(frozenset(), path.read_bytes())


# (b) One side only


@pytest.mark.long
def test_one_side_a_placeholder_or_missing(nine):
    night, other = nine, "20260203_LAL_BKN"
    night.by_hand(*(f"DELETE FROM nba_analytics.{t} WHERE game_id = '{other}'" for t in SUMMARIES))
    night.by_hand(f"DELETE FROM nba_phase3.publications WHERE game_id = '{other}'")
    night.lose(TEAM_BOXES, other)
    night.lose(GAMEBOOK, other)
    night.arrive(TEAM_BOXES, "PHX")
    night.arrive(TEAM_BOXES, "POR", hours=-2, **PLACEHOLDER)
    night.arrive(TEAM_BOXES, "LAL", game=other)
    publication = night.publish()
    assert visible(night.see(publication)) == everywhere(*OTHERS - {other})
    assert states(publication) == {
        GAME: ("waiting", "placeholder_team_boxscore"),
        other: ("waiting", "one_sided_team_boxscore"),
    }
    assert errors(failing(publication.verdicts)) == {(table, "games_complete") for table in SUMMARIES}

    for game in (GAME, other):
        night.arrive(GAMEBOOK, game=game)
    publication = night.publish()
    seen = night.see(publication)
    assert visible(seen) == everywhere(*ALL) and states(publication) == {}
    for table in (OFFENSE, DEFENSE):
        assert tiers(seen[table]) == tiers(seen[table], other) == {"silver"}, "never one side of each source"
    assert failing(publication.verdicts) == {}


# (c) Players first


def test_players_before_their_team_rows(loaded):
    night = loaded
    publication = night.publish(PLAYERS)
    assert visible(night.see(publication)) == everywhere()
    (report,) = publication.reports
    assert {game.game_id: (game.outcome, game.reason) for game in report.games} == dict.fromkeys(
        ALL, ("gated", f"{OFFENSE} is not published for this game; materialize it first")
    )
    assert states(publication) == dict.fromkeys(ALL, ("ready", None))
    assert {game.game_id for game in publication.held_back} == ALL
    assert {key[1] for key in failing(publication.verdicts)} == {"games_complete"}
    publication = night.publish()
    is_the_true_night(night)
    assert states(publication) == {} and failing(publication.verdicts) == {}


def test_players_do_not_overtake_team_rows_that_are_older_than_their_box_score(published):
    night = published
    night.arrive(TEAM_BOXES, "PHX", hours=1, **FEWER_TURNOVERS)
    before = night.see()
    publication = night.publish(PLAYERS)
    assert night.see(publication) == before
    (report,) = publication.reports
    (gated,) = [game for game in report.games if game.outcome == "gated"]
    assert (gated.game_id, gated.reason) == (GAME, f"{OFFENSE} is older than its inputs; materialize it first")


# (d) A correction


def test_a_correction_changes_only_its_game(nine):
    """An earlier version of Phoenix's row, two turnovers short, satisfies every identity: it is published, not
    silently, and what was computed from it goes with it."""
    night = nine
    night.arrive(GAMEBOOK)
    night.arrive(TEAM_BOXES, "POR")
    night.arrive(TEAM_BOXES, "PHX", hours=-1, **FEWER_TURNOVERS)
    publication = night.publish()
    wrong = night.see(publication, besides={(table, GAME) for table in SUMMARIES})
    assert states(publication) == {}
    of_turnovers = {"turnovers", "possessions", "offensive_rating", "pace"}
    assert differences(wrong[OFFENSE][GAME], night.truth[OFFENSE][GAME]) == {"PHX": of_turnovers}
    assert {
        name: columns & {"turnovers_forced", "points_allowed"}
        for name, columns in differences(wrong[DEFENSE][GAME], night.truth[DEFENSE][GAME]).items()
    } == {"POR": {"turnovers_forced"}}
    for name, columns in differences(wrong[PLAYERS][GAME], night.truth[PLAYERS][GAME]).items():
        assert wrong[PLAYERS][GAME][name]["team_abbr"] == "PHX" and columns <= {"usage_rate", "usage_rate_raw"}
    failed = failing(publication.verdicts)
    assert set(failed) == {(PLAYERS, "team_totals")}
    (finding,) = [f for f in failed[PLAYERS, "team_totals"].findings if f.game_id == GAME]
    assert (finding.severity, finding.subject, finding.value) == ("WARN", "PHX", 2.0)
    assert finding.problem.endswith("turnovers 2")

    night.arrive(TEAM_BOXES, "PHX")
    publication = night.publish()
    right = night.see(publication)
    is_the_true_night(night)
    assert of_others(right) == of_others(wrong), "publication ids included"
    assert outcomes(publication) == {table: {"published": {GAME}, "unchanged": OTHERS} for table in SUMMARIES}
    changed = {report.table: sum(game.rows_changed for game in report.games) for report in publication.reports}
    assert changed == {
        table: len(differences(wrong[table][GAME], right[table][GAME], ignored=PUBLICATION)) for table in SUMMARIES
    }
    for table in SUMMARIES:
        kept = night.query(f"SELECT * FROM nba_phase3.{table}__history")
        kept = [{k: v for k, v in row.items() if not k.startswith("replaced_")} for row in kept]
        assert by_game(table, kept) == {GAME: wrong[table][GAME]}
    assert failing(publication.verdicts) == {} and night.drifts() == []


def differences(rows: dict[str, Row], others: dict[str, Row], ignored: set[str] = PUBLICATION) -> dict[str, set[str]]:
    """The columns that differ, of the rows that do."""
    found = {name: {c for c in row if c not in ignored and row[c] != others[name][c]} for name, row in rows.items()}
    return {name: columns for name, columns in found.items() if columns}


# (e) Usage repaired by hand

TO_1228 = f"""UPDATE nba_analytics.{PLAYERS}
    SET usage_rate = 1228.0 - 10 * LENGTH(player_lookup), usage_rate_raw = 1228.0 - 10 * LENGTH(player_lookup)
    WHERE game_id = '{GAME}'"""
ALLEN_1228 = f"""UPDATE nba_analytics.{PLAYERS} SET usage_rate = 1228, usage_rate_raw = 1228
    WHERE player_lookup = 'graysonallen'"""


def checked(night: Night) -> None:
    verdict = night.check()[PLAYERS, "usage_rate"]
    assert verdict.severity == "ERROR" and verdict.blocking
    assert verdict.metadata["games"] == [GAME] and verdict.metadata["worst_value"] == 1228
    worst = verdict.findings[0]
    assert (worst.severity, worst.subject, worst.offenders) == ("ERROR", "graysonallen", 20)
    assert worst.problem == "usage 1228, raw 1228, in 36 minutes"
    told = states(night.publish(OFFENSE))
    assert set(told) == {GAME} and told[GAME][0] == "published"
    assert "usage_rate: graysonallen: usage 1228," in str(told[GAME][1]) or "drift" in str(told[GAME][1])


def verified(night: Night) -> None:
    (drift,) = night.drifts()
    assert (drift.table, drift.game_id, drift.published_rows, drift.present_rows) == (PLAYERS, GAME, 20, 20)
    assert set(drift.changed_keys) == set(night.truth[PLAYERS][GAME])


def published_over(night: Night) -> None:
    """A publication that had no reason to look at the game says so all the same, in its checks."""
    publication = night.publish()
    failed = failing(publication.verdicts)
    assert failed[PLAYERS, "usage_rate"].metadata["games"] == [GAME]
    assert errors(failed) == {(PLAYERS, "usage_rate")}


@pytest.mark.parametrize(
    "noticed",
    [[checked], [published_over], [verified, checked]],
    ids=lambda steps: " then ".join(step.__name__ for step in steps),
)
@pytest.mark.long
def test_usage_repaired_by_hand_is_named_and_put_right(published, noticed):
    night = published
    before = night.see()
    night.by_hand(TO_1228, ALLEN_1228)
    for notice in noticed:
        notice(night)
        assert of_others(night.see(besides={(PLAYERS, GAME)})) == of_others(before)
    publication = night.publish()
    is_the_true_night(night)
    assert of_others(night.see(publication)) == of_others(before), "publication ids included"
    unchanged = {"unchanged": ALL}
    assert outcomes(publication) == {
        OFFENSE: unchanged,
        DEFENSE: unchanged,
        PLAYERS: {"published": {GAME}, "unchanged": OTHERS},
    }
    assert states(publication) == {}
    assert failing(publication.verdicts) == {} and night.drifts() == []


# (g) 78 against 136


@pytest.mark.slow
@pytest.mark.long
def test_counts_are_of_what_was_written_not_of_the_date(published):
    night = published
    two = {GAME, "20260203_LAL_BKN"}
    for team in ("PHX", "LAL"):
        night.by_hand(f"UPDATE nba_raw.{TEAM_BOXES} SET turnovers = turnovers + 1 WHERE team_abbr = '{team}'")
    publication = night.publish(game_ids=frozenset(two))
    seen = night.see(publication, besides={(table, game) for table in SUMMARIES for game in two})
    assert outcomes(publication) == {table: {"published": two} for table in SUMMARIES}
    wrote = sum(game.rows for game in report_of(publication, PLAYERS).games)
    assert wrote == 45 < sum(len(rows) for rows in seen[PLAYERS].values()) == 217
    assert failing(publication.verdicts) == {}, "game_count above all"

    gone = ((PLAYERS, GAME, "graysonallen"), (OFFENSE, "20260203_DEN_DET", "DET"))
    for table, _, name in gone:
        night.by_hand(f"DELETE FROM nba_analytics.{table} WHERE {KEYS[table][1]} = '{name}'")
    failed = night.check()
    assert {table for table, check in failed if check == "game_count"} == {PLAYERS, OFFENSE}
    for table, game, _ in gone:
        verdict = failed[table, "game_count"]
        assert verdict.blocking and verdict.severity == "ERROR" and verdict.metadata["games"] == [game]
        count = len(night.truth[table][game])
        assert verdict.findings[0].problem == f"{count - 1} rows, but {count} were published"

    night.by_hand(f"DELETE FROM nba_raw.{TEAM_BOXES}", f"INSERT INTO nba_raw.{TEAM_BOXES} FROM true_raw.{TEAM_BOXES}")
    publication = night.publish()
    is_the_true_night(night)
    assert states(publication) == {} and failing(publication.verdicts) == {} and night.drifts() == []


# (h) Placeholders last


def test_placeholders_scraped_after_the_good_rows_change_nothing(published):
    night = published
    before = night.see()
    records = night.query("SELECT * FROM nba_phase3.publications ORDER BY publication_id, game_id")
    night.arrive(TEAM_BOXES, hours=6, **PLACEHOLDER)
    publication = night.publish()
    assert night.see(publication) == before
    assert outcomes(publication) == {table: {"unchanged": ALL} for table in SUMMARIES}
    assert states(publication) == {} and failing(publication.verdicts) == {}
    assert night.query("SELECT * FROM nba_phase3.publications ORDER BY publication_id, game_id") == records


def test_placeholders_in_place_of_the_good_rows_take_nothing_away(published):
    """Neither the rows rebuilt from the gamebook nor, without it, nothing at all replaces what is published."""
    night = published
    before = night.see()
    night.lose(TEAM_BOXES)
    night.arrive(TEAM_BOXES, hours=6, **PLACEHOLDER)
    publication = night.publish()
    assert night.see(publication) == before
    assert outcomes(publication)[OFFENSE] == {"kept": {GAME}, "unchanged": OTHERS}
    reason = f"{OFFENSE}: better_source_published: gold stays, silver offered"
    assert states(publication) == {GAME: ("published", reason)}
    night.lose(GAMEBOOK)
    publication = night.publish()
    assert night.see(publication) == before
    state, reason = states(publication).pop(GAME)
    assert state == "published" and reason == "its source is gone (placeholder_team_boxscore); the rows stay"
    assert failing(publication.verdicts) == {}
    night.arrive(GAMEBOOK)
    night.arrive(TEAM_BOXES)
    publication = night.publish()
    assert night.see(publication) == before and states(publication) == {}


# Published team rows repaired by hand, while their players have a correction to come


def test_players_are_not_computed_from_team_rows_repaired_by_hand(published):
    """Neither from a row that breaks a rule (Phoenix) nor from one that breaks none (Lakers): both wait until it is put
    right."""
    night, two = published, {GAME, "20260203_LAL_BKN"}
    night.by_hand(
        f"UPDATE nba_analytics.{OFFENSE} SET fg_attempts = 60, points_scored = 131 WHERE team_abbr = 'PHX'",
        f"UPDATE nba_analytics.{OFFENSE} SET fg_attempts = 60 WHERE team_abbr = 'LAL'",
        f"UPDATE nba_raw.{GAMEBOOK} SET assists = assists + 1 WHERE player_lookup IN ('graysonallen', 'lukadoncic')",
    )
    publication = night.publish()
    seen = night.see(besides={(OFFENSE, game) for game in two})
    assert outcomes(publication)[PLAYERS] == {"gated": two, "unchanged": ALL - two}
    assert seen[PLAYERS] == night.truth[PLAYERS]
    found = {(drift.table, drift.game_id): drift.changed_keys for drift in night.drifts()}
    assert found == {(OFFENSE, GAME): ("PHX",), (OFFENSE, "20260203_LAL_BKN"): ("LAL",)}

    publication = night.publish()
    seen = night.see(publication, besides={(PLAYERS, game) for game in two})
    assert without_publication(seen[OFFENSE]) == without_publication(night.truth[OFFENSE])
    for game, player in zip(sorted(two), ("lukadoncic", "graysonallen"), strict=True):
        assert differences(seen[PLAYERS][game], night.truth[PLAYERS][game]) == {player: {"assists"}}
    assert states(publication) == {} and night.drifts() == []
