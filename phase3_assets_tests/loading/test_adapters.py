"""Adapters: files that public tools write become the rows that our own sources have."""

import shutil
from pathlib import Path

import duckdb
import pandas
import pytest

from phase3_assets.catalog.tables import published_table
from phase3_assets.errors import ConfigurationError, LoadError
from phase3_assets.loading.adapters import adapter_names, converted, kinds
from phase3_assets_tests.conftest import REAL_DATA
from phase3_assets_tests.support.commands import phase3
from phase3_assets_tests.support.files import schedule_rows, write
from phase3_assets_tests.support.games import PLAYERS, SUMMARIES

pytestmark = pytest.mark.slow

PUBLIC = REAL_DATA.parent / "public"
REAL_2018 = REAL_DATA.parent / "raw_2018"
OURS_ALONE = {
    *("processed_at", "created_at", "data_hash", "source_file_path", "scrape_timestamp", "source_updated_at"),
    *("data_source", "name_resolution_confidence", "name_resolution_status", "minutes_decimal"),
}
"""Columns that say how a row came to us, and nothing of the game."""
CASES = [
    ("nba_api", "nba_api_gamelogs", "nbac_schedule", "game_status = 3", "TRUE"),
    ("nba_api", "nba_api_gamelogs", "nbac_team_boxscore", "TRUE", "TRUE"),
    # Our feed left out three players who were on court for less than half a minute; the league's logs list them.
    ("nba_api", "nba_api_gamelogs", "nbac_player_boxscores", "minutes <> '0'", "minutes <> '0'"),
    ("nba_api", "nba_api_boxscore_v3", "nbac_schedule", "game_status = 3", "TRUE"),
    ("nba_api", "nba_api_boxscore_v3", "nbac_team_boxscore", "TRUE", "TRUE"),
    ("nba_api", "nba_api_boxscore_v3", "nbac_gamebook_player_stats", "TRUE", "TRUE"),
    # Our feed joins the league's ids to the names.
    ("bigdataball", "bigdataball", "bigdataball_play_by_play", "TRUE", "TRUE"),
]

real_data = pytest.mark.skipif(not PUBLIC.is_dir(), reason=f"the public files are not at {PUBLIC}")


@real_data
@pytest.mark.real_data
@pytest.mark.parametrize(("adapter", "folder", "table", "of_ours", "of_theirs"), CASES)
def test_public_files_give_the_rows_of_our_own_sources(adapter, folder, table, of_ours, of_theirs):
    with converted(adapter, PUBLIC / folder) as made, duckdb.connect() as connection:
        theirs = made / f"{table}.parquet"
        ours = (REAL_2018 if adapter == "bigdataball" else REAL_DATA) / f"{table}.parquet"
        types = [
            {row[0]: row[1] for row in connection.execute(f"DESCRIBE FROM '{p}'").fetchall()} for p in (theirs, ours)
        ]
        filled = [
            name
            for name in types[0]
            if name in types[1]
            and name not in OURS_ALONE
            and _count(connection, f"FROM '{theirs}' WHERE {name} IS NOT NULL")
        ]
        assert len(filled) > 8
        columns = ", ".join(
            f"regexp_replace({name}, '^[0-9]+', '') AS {name}"
            if table.startswith("bigdataball") and name.endswith("_lookup")
            else f"CAST({name} AS {types[0][name]}) AS {name}"
            for name in filled
        )
        rows = f"SELECT {columns} FROM '{theirs}' WHERE {of_theirs}"
        known = (
            f"SELECT {columns} FROM '{ours}' WHERE {of_ours} AND (game_date, game_id) IN "
            f"(SELECT (game_date, game_id) FROM '{theirs}')"
        )
        assert _count(connection, f"FROM ({rows})") == _count(connection, f"FROM ({known})") > 0
        assert connection.execute(f"({rows}) EXCEPT ALL ({known})").fetchall() == []


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return connection.execute(f"SELECT COUNT(*) {relation}").fetchone()[0]


LOG = (
    "SEASON_ID,TEAM_ID,TEAM_ABBREVIATION,TEAM_NAME,GAME_ID,GAME_DATE,MATCHUP,WL,MIN,PTS,FGM,FGA,FG3M,FG3A,FTM,FTA,OREB,"
    "DREB,REB,AST,STL,BLK,TOV,PF\n"
    "22025,1,PHX,Phoenix Suns,22500716,2026-02-03,PHX @ POR,W,240,{points},40,90,10,30,10,12,10,30,40,20,5,5,10,20\n"
    "22025,2,POR,Portland,22500716,2026-02-03,PHX vs. POR,L,240,90,35,90,10,30,10,12,10,30,40,20,5,5,10,20\n"
).replace("PHX vs. POR", "POR vs. PHX")


def test_a_log_gives_schedule_and_team_rows_whatever_was_done_to_its_ids(tmp_path: Path):
    (tmp_path / "my download.csv").write_text(LOG.format(points="100.0"), encoding="utf-8")
    with converted("nba_api", tmp_path) as made, duckdb.connect() as connection:
        assert sorted(path.stem for path in made.iterdir()) == ["nbac_schedule", "nbac_team_boxscore"]
        assert connection.execute(
            f"SELECT game_id, nba_game_id, points, is_home, season_year "
            f"FROM '{made}/nbac_team_boxscore.parquet' ORDER BY ALL"
        ).fetchall() == [
            ("20260203_PHX_POR", "0022500716", 90, True, 2025),
            ("20260203_PHX_POR", "0022500716", 100, False, 2025),
        ]
        assert connection.execute(
            f"SELECT game_id, game_status, home_team_tricode, away_team_score FROM '{made}/nbac_schedule.parquet'"
        ).fetchall() == [("0022500716", 3, "POR", 100)]


@pytest.mark.long
def test_a_value_that_is_none_is_refused_with_its_row(tmp_path: Path):
    (tmp_path / "log.csv").write_text(LOG.format(points="many"), encoding="utf-8")
    with pytest.raises(LoadError, match=r"log\.csv: column PTS should be INT64, found 'many' in row 1"):
        with converted("nba_api", tmp_path):
            pass
    result = phase3("load-raw", tmp_path, "--from", "nba_api")
    assert result.exit_code == 1 and "PTS" in result.stderr


def test_what_is_not_an_adapter_and_what_is_not_its_file(tmp_path: Path):
    (tmp_path / "log.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for adapter, said in (("nba_stats", "no such adapter; there are bigdataball, nba_api"), ("nba_api", "README")):
        with pytest.raises(ConfigurationError, match=said):
            with converted(adapter, tmp_path):
                pass


def test_without_from_the_adapter_is_guessed_and_what_to_type_is_said(tmp_path: Path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "log.csv").write_text(LOG.format(points=100), encoding="utf-8")
    result = phase3("load-raw", folder)
    assert result.exit_code == 2
    assert f"log.csv look like files of nba_api: load-raw {folder} --from nba_api" in result.output


@real_data
@pytest.mark.real_data
@pytest.mark.long
def test_a_public_download_is_published_as_our_own_sources_are(tmp_path: Path, monkeypatch):
    """Two commands from the league's game logs to summaries; every figure is that of our same-evening sources."""
    first, last = "2025-01-10", "2025-01-19"
    ours = tmp_path / "ours"
    ours.mkdir()
    with duckdb.connect() as connection:
        for table in ("nbac_schedule", "nbac_team_boxscore", "nbac_player_boxscores"):
            connection.execute(
                f"COPY (FROM '{REAL_DATA}/{table}.parquet' WHERE game_date BETWEEN '{first}' AND '{last}') "
                f"TO '{ours}/{table}.parquet'"
            )
    published = []
    for commands in (
        [("load-raw", PUBLIC / "nba_api_gamelogs", "--from", "nba_api"), ("backfill", first, last)],
        [("load-raw", ours), ("backfill", first, last)],
    ):
        path = tmp_path / f"{len(published)}.duckdb"
        monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(path))
        for command in commands:
            result = phase3(*command)
            assert result.exit_code == 0, result.output
        with duckdb.connect(path, read_only=True) as connection:
            published.append(
                {
                    table: connection.execute(f"SELECT {figures(table)} FROM nba_analytics.{table} ORDER BY ALL").df()
                    for table in SUMMARIES
                }
            )
    theirs, ours_published = published
    players, known = theirs[PLAYERS], ours_published[PLAYERS]
    # Our feed left out three players who were on court for less than half a minute.
    is_known = players["player_lookup"].add(players["game_id"]).isin(known["player_lookup"].add(known["game_id"]))
    assert players[~is_known]["minutes_played"].tolist() == [0, 0, 0]
    theirs[PLAYERS] = players[is_known].reset_index(drop=True)
    for table in SUMMARIES:
        pandas.testing.assert_frame_equal(theirs[table], ours_published[table])
    assert [len(theirs[table]) for table in SUMMARIES] == [142, 142, 1537]


def figures(table: str) -> str:
    """The columns of a published table that say something of the game."""
    contract = published_table(table).contract
    return ", ".join(column.name for column in contract.computed_columns)


@pytest.mark.long
def test_files_of_an_adapter_beside_our_own_are_named_too(tmp_path: Path):
    folder = tmp_path / "files"
    write(folder, schedule_rows(), ".csv")
    (folder / "log.csv").write_text(LOG.format(points=100), encoding="utf-8")
    result = phase3("load-raw", folder)
    assert result.exit_code == 0 and "passed over, not raw tables: log.csv" in result.output
    assert f"log.csv look like files of nba_api: load-raw {folder} --from nba_api" in result.output


@pytest.mark.long
def test_an_adapter_is_told_the_order_of_dates_and_knows_its_columns(tmp_path: Path):
    (tmp_path / "log.csv").write_text(LOG.format(points=100).replace("2026-02-03", "02/03/2026"), encoding="utf-8")
    refused = phase3("load-raw", tmp_path, "--from", "nba_api")
    assert refused.exit_code == 1 and "'02/03/2026' in row 1" in refused.stderr and "--date-format" in refused.stderr
    loaded = phase3("load-raw", tmp_path, "--from", "nba_api", "--date-format", "%m/%d/%Y")
    assert loaded.exit_code == 0 and "(2026-02-03 to 2026-02-03)" in loaded.output
    for option in (("--allow-missing", "points"), ("--map", tmp_path / "map.yml")):
        result = phase3("load-raw", tmp_path, "--from", "nba_api", *option)
        assert result.exit_code == 2 and f"--from nba_api knows its columns; {option[0]} is for" in result.stderr


@real_data
@pytest.mark.real_data
@pytest.mark.long
def test_a_public_download_is_tried_out_in_one_command_and_leaves_nothing(tmp_path: Path):
    result = phase3("try", PUBLIC / "nba_api_gamelogs")
    assert result.exit_code == 0, result.output
    assert "read as files of nba_api" in result.output
    assert "71 games from 2025-01-10 to 2025-01-19, 0 of them held back" in result.output
    assert "LAL 102 - LAC 116   LeBron James 25 points" in result.output
    assert not (tmp_path / "warehouse.duckdb").exists()


@real_data
@pytest.mark.real_data
def test_box_scores_give_the_same_rows_in_the_columns_of_every_version(tmp_path: Path):
    """The public file has the columns of v2 and the names of v3: here it is told wholly in each."""
    public = PUBLIC / "nba_api_boxscore_v3"
    players = pandas.read_csv(public / "players_2025-26.csv", dtype=str)
    (v3,) = [kind for kind in kinds("nba_api") if kind.contract.name == "box_score_players_v3"]
    whole_names = players["firstName"].str.cat(players["familyName"], sep=" ")
    versions = {
        "as it is": players,
        "v3": players.rename(columns={other: own for own, other in v3.names.items()}),
        "v2": players.assign(PLAYER_NAME=whole_names)
        .drop(columns=["firstName", "familyName"])
        .rename(columns={"TOV": "TO"}),
    }
    found = {}
    for version, frame in versions.items():
        folder = tmp_path / version
        folder.mkdir()
        shutil.copy(public / "teams_2025-26.csv", folder / "teams.csv")
        frame.to_csv(folder / "players.csv", index=False)
        with converted("nba_api", folder) as made, duckdb.connect() as connection:
            found[version] = connection.execute(
                f"SELECT * EXCLUDE (processed_at) FROM '{made}/nbac_gamebook_player_stats.parquet' ORDER BY ALL"
            ).fetchall()
    assert len(found["as it is"]) == len(players)
    assert found["v3"] == found["v2"] == found["as it is"]


TOLD = """
SELECT game_id, event_type, player_1_lookup, shot_made, player_2_lookup, player_2_role, COUNT(*) AS events
FROM '{folder}/bigdataball_play_by_play.parquet'
WHERE event_type IN ('shot', 'free throw', 'substitution', 'turnover') GROUP BY ALL ORDER BY ALL
"""


@real_data
@pytest.mark.real_data
def test_two_sources_of_play_by_play_tell_the_same(tmp_path: Path):
    """The league's play-by-play and BigDataBall's, of the same five games, each with its own adapter."""
    shutil.copytree(PUBLIC / "nba_api_playbyplay_v2", tmp_path, dirs_exist_ok=True)
    games = pandas.read_parquet(REAL_2018 / "nbac_team_boxscore.parquet")
    (tmp_path / "logs.csv").write_text(logs_of(games[games["game_date"].astype(str) == "2018-12-25"]), encoding="utf-8")
    with (
        converted("nba_api", tmp_path) as theirs,
        converted("bigdataball", PUBLIC / "bigdataball") as ours,
        duckdb.connect() as connection,
    ):
        of_both = [connection.execute(TOLD.format(folder=folder)).fetchall() for folder in (theirs, ours)]
        assert of_both[0] == of_both[1]
        assert sum(row[-1] for row in of_both[0]) > 1500
        # Distances: where the sentence has one, it is BigDataBall's.
        known = (
            "SELECT game_id, player_1_lookup, shot_distance FROM '{}/bigdataball_play_by_play.parquet' "
            "WHERE shot_distance IS NOT NULL"
        )
        only_theirs = connection.execute(f"{known.format(theirs)} EXCEPT ALL {known.format(ours)}").fetchall()
        assert only_theirs == []
        events = (
            "SELECT game_id, event_type, COUNT(*) FROM '{}/bigdataball_play_by_play.parquet' GROUP BY ALL ORDER BY ALL"
        )
        counts = [connection.execute(events.format(folder)).fetchall() for folder in (theirs, ours)]
        assert counts[0] == counts[1] and sum(row[-1] for row in counts[0]) > 2000


def logs_of(teams: pandas.DataFrame) -> str:
    """Team game logs of these team box scores."""
    lines = [LOG.splitlines()[0]]
    for row in teams.to_dict("records"):
        _, away, home = row["game_id"].split("_")
        matchup = f"{home} vs. {away}" if row["team_abbr"] == home else f"{away} @ {home}"
        figures = ",".join("1" for _ in range(15))
        lines.append(
            f"22018,1,{row['team_abbr']},{row['team_abbr']},{row['nba_game_id']},{row['game_date']},{matchup},W,240,{figures}"
        )
    return "\n".join(lines)


def test_every_adapter_has_a_readme():
    from phase3_assets.loading.adapters import FOLDER

    assert adapter_names() == ["bigdataball", "nba_api"]
    assert all((FOLDER / name / "README.md").read_text(encoding="utf-8").strip() for name in adapter_names())
