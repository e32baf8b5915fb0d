"""Failures 61 to 71 and 74: one source contradicts everything around it, and was believed.

What belongs here: a source bent in one game while the others tell the truth, and what readers see of it. What doesn't:
every figure and pair of sources (../test_witnesses.py), what is wrong with a whole date (test_bad_input.py).
"""

from datetime import timedelta

import pytest

from phase3_assets.publishing.states import reader_state
from phase3_assets_tests.faults.scenes import EVENING, GAMEBOOK, SCHEDULE, TEAM_BOX, Scene, failing
from phase3_assets_tests.support.games import DEFENSE, OFFENSE, PLAYERS, SUMMARIES, World, state_of
from phase3_assets_tests.support.sampling import first_in_ci


def clock(seconds: float) -> str:
    """The gamebook's spelling."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def seconds_of(row: dict) -> int:
    minutes, _, seconds = row["minutes"].partition(":")
    return 60 * int(minutes) + int(seconds or 0)


def played(world: World, table: str) -> list[dict]:
    """The first game's rows of players who entered, most points first."""
    return sorted((row for row in world.of(table) if row["points"] is not None), key=lambda row: -row["points"])


def allow_without(scene: Scene, *tables: str) -> None:
    """What the first game's other sources give without these is true as well."""
    rows = {name: [dict(row) for row in rows] for name, rows in scene.true_rows.items()}
    ids = (scene.game.game_id, scene.game.nba_game_id)
    for table in tables:
        rows[table] = [row for row in rows[table] if row["game_id"] not in ids]
    scene.allow_truth_of(rows)


def tiers(scene: Scene, table: str) -> set[str]:
    return {row["quality_tier"] for row in scene.table(table, scene.game)}


def issues(scene: Scene, table: str) -> set[str]:
    return {issue for row in scene.table(table, scene.game) for issue in row["quality_issues"]}


def held_back(scene: Scene, reason: str, *tables: str) -> None:
    """After a publication: the first game is held back for exactly this reason; the others are there."""
    publication = scene.publish()
    assert reader_state(publication.games[scene.game.game_id]) == ("quarantined", reason)
    for name in tables:
        assert scene.visible(name) == {game.game_id for game in scene.games[1:]}


def serves_evening(scene: Scene, why: str) -> None:
    """After a publication: the same-evening rows serve the first game's players, and why is said, once."""
    allow_without(scene, GAMEBOOK)
    for _ in range(2):
        publication = scene.publish()
        assert state_of(publication, scene.game) == ("published", None)
        assert tiers(scene, PLAYERS) == {"silver"} and tiers(scene, OFFENSE) == {"gold"}
        assert issues(scene, PLAYERS) == {f"gamebook_not_whole={why}"}
        (event,) = scene.events("source_contradicted")
        assert why in event["description"] and event["table_name"] == PLAYERS
    assert failing(publication.verdicts).keys() == {(PLAYERS, "source_contradicted")}


def rebuilt(scene: Scene, why: str) -> None:
    """After a publication: the first game's team rows are the gamebook's sums, and why is said, once."""
    allow_without(scene, TEAM_BOX)
    for _ in range(2):
        publication = scene.publish()
        assert state_of(publication, scene.game) == ("published", None)
        assert tiers(scene, OFFENSE) == tiers(scene, DEFENSE) == {"silver"} and tiers(scene, PLAYERS) == {"gold"}
        assert issues(scene, OFFENSE) == {"team_rebuilt", f"team_contradicted={why}"}
        (event,) = scene.events("source_contradicted")
        assert why in event["description"] and event["table_name"] == OFFENSE
    assert failing(publication.verdicts).keys() == {(OFFENSE, "source_contradicted")}


def recovered(scene: Scene) -> None:
    """The cause is gone: everything is published from its first source, and no check fails."""
    scene.restore()
    publication = scene.publish()
    assert {state_of(publication, game) for game in scene.games} == {("published", None)}
    assert failing(publication.verdicts) == {}
    assert all(row["quality_tier"] == "gold" for name in SUMMARIES for row in scene.table(name))


def halve_minutes(scene: Scene) -> None:
    for row in played(scene, GAMEBOOK):
        row["minutes"] = clock(seconds_of(row) / 2)


@pytest.mark.parametrize("has_evening", [True, False])
@pytest.mark.slow
@pytest.mark.long
def test_61_half_the_minutes_do_not_double_usage(loaded, has_evening):
    """Minutes of half a game, the rest right: usage doubled.

    Guard: sql/views/source_totals.sql (minutes_fault), sql/views/game_sources.sql (gamebook_not_whole),
    sql/tables/player_game_summary/checks/does_not_add_up.sql
    """
    halve_minutes(loaded)
    if not has_evening:
        loaded.drop(EVENING)
    loaded.load()
    if has_evening:
        serves_evening(loaded, f"120 of 240 minutes of {min(loaded.game.away, loaded.game.home)}")
    else:
        away = min(loaded.game.away, loaded.game.home)
        held_back(
            loaded,
            f"{PLAYERS}: does_not_add_up: {away}: 120 of 240 minutes ({GAMEBOOK} against team row) (and 1 more)",
            PLAYERS,
        )
    recovered(loaded)


@pytest.mark.slow
def test_62_minutes_that_are_all_zero_are_no_pass(loaded):
    """Every minute 0 in a stale feed: no usage, coverage counts nobody, no check speaks.

    Guard: sql/tables/player_game_summary/checks/does_not_add_up.sql,
    sql/tables/player_game_summary/checks/usage_rate.sql (no player has minutes)
    """
    loaded.drop(GAMEBOOK)
    for row in loaded.of(EVENING):
        row["minutes"] = "0"
    loaded.load()
    away = min(loaded.game.away, loaded.game.home)
    held_back(
        loaded,
        f"{PLAYERS}: does_not_add_up: {away}: 0 of 240 minutes ({EVENING} against team row) (and 1 more)",
        PLAYERS,
    )
    (event,) = loaded.events("game_quarantined")
    assert "no player has minutes" in event["details"]
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_63_who_played_is_told_by_the_source_that_adds_up(loaded):
    """Two who played are marked dnp without figures; the other source has them.

    Guard: sql/views/game_sources.sql (evening_is_sound)
    """
    for row in [row for row in played(loaded, GAMEBOOK) if row["team_abbr"] == loaded.game.home][:2]:
        kept = {name: row[name] for name in row if name in ("minutes",) or isinstance(row[name], int)}
        row.update({name: None for name in kept if name != "season_year"}, player_status="dnp")
    loaded.load(GAMEBOOK)
    lost = sum(
        seconds_of(row) for row in loaded.of(GAMEBOOK) if row["minutes"] and row["team_abbr"] == loaded.game.home
    )
    serves_evening(loaded, f"{(lost + 30) // 60} of 240 minutes of {loaded.game.home}")
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("has_evening", first_in_ci([True, False]))
@pytest.mark.long
def test_64_of_two_rows_of_one_name_none_is_chosen(loaded, has_evening):
    """One name twice in a team with two stat lines: one is taken, a player is lost.

    Guard: sql/views/player_listings.sql (has_contradictory_rows),
    sql/tables/player_game_summary/checks/contradictory_rows.sql
    """
    first, second = [row for row in played(loaded, GAMEBOOK) if row["team_abbr"] == loaded.game.home][:2]
    for name in ("player_name", "player_name_original", "player_lookup"):
        second[name] = first[name]
    if not has_evening:
        loaded.drop(EVENING)
    loaded.load()
    if has_evening:
        serves_evening(loaded, f"two rows of one load that differ of {first['player_name']}")
    else:
        reason = f"{PLAYERS}: contradictory_rows: {first['player_lookup']}: two rows of one load of {GAMEBOOK} differ"
        held_back(loaded, reason, PLAYERS)
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("has_evening", first_in_ci([True, False]))
@pytest.mark.long
def test_65_nobody_plays_for_both_teams(loaded, has_evening):
    """Players listed under both teams with the same figures.

    Guard: sql/views/source_totals.sql (under both teams), phase3_assets/catalog/contracts.py (generic_rules)
    """
    row = played(loaded, GAMEBOOK)[0]
    other = ({loaded.game.away, loaded.game.home} - {row["team_abbr"]}).pop()
    loaded.rows[GAMEBOOK].append({**row, "team_abbr": other})
    if not has_evening:
        loaded.drop(EVENING)
    loaded.load()
    if has_evening:
        serves_evening(loaded, f"{row['player_name']} under both teams")
    else:
        held_back(loaded, f"{PLAYERS}: duplicates: {row['player_lookup']}: 2 rows of one key (and 1 more)", PLAYERS)
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_66_every_count_of_a_team_is_compared_with_its_players(loaded):
    """A team's assists (or blocks, fouls) a fraction of its players'.

    Guard: sql/functions/contradiction.sql (assists), sql/views/game_sources.sql (both_contradict_team)
    """
    row = loaded.of(TEAM_BOX)[0]
    true, row["assists"] = row["assists"], 4
    loaded.load(TEAM_BOX)
    rebuilt(loaded, f"{row['team_abbr']} assists {true} against 4 (gamebook against team box score)")
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_67_total_rebounds_are_the_offensive_and_the_defensive_ones(loaded):
    """Total rebounds that are not offensive plus defensive.

    Guard: sql/functions/line_fault.sql (rebounds),
    sql/tables/team_offense_game_summary/checks/box_score_arithmetic.sql (rebounds)
    """
    row = loaded.of(TEAM_BOX)[0]
    row["total_rebounds"] += 9
    loaded.load(TEAM_BOX)
    parts = f"{row['offensive_rebounds']} offensive and {row['defensive_rebounds']} defensive"
    rebuilt(loaded, f"{row['total_rebounds']} rebounds, but {parts} of {row['team_abbr']}")
    recovered(loaded)


@pytest.mark.parametrize(
    "spelling",
    {
        "iso": lambda s: f"PT{s // 60:02d}M{s % 60:02d}.00S",
        "padded": lambda s: f"{s // 60}.000000:{s % 60:02d}",
        "decimal": lambda s: f"{s / 60:.4f}",
    }.values(),
    ids=["iso", "padded", "decimal"],
)
@pytest.mark.slow
def test_68_minutes_are_read_in_every_spelling_of_the_league(loaded, spelling):
    """Minutes in the league's other spellings hold back every game.

    Guard: sql/functions/clock_seconds.sql
    """
    for table in (GAMEBOOK, EVENING, TEAM_BOX):
        for row in loaded.rows[table]:
            if row["minutes"]:
                row["minutes"] = spelling(seconds_of(row))
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    assert failing(publication.verdicts) == {}
    assert all(row["quality_tier"] == "gold" for name in SUMMARIES for row in loaded.table(name))


@pytest.mark.slow
@pytest.mark.long
def test_69_rows_dated_a_day_later_are_named(loaded):
    """Player rows dated a day later (UTC): "no player rows".

    Guard: sql/readiness/misdated.sql, phase3_assets/publishing/survey.py (_say_where_rows_are)
    """
    rows = loaded.of(EVENING)
    loaded.drop(GAMEBOOK)
    day = loaded.game.game_date + timedelta(days=1)
    for row in rows:
        row["game_date"] = day
    loaded.load()
    where = f"{len(rows)} rows of {loaded.game.away} and {loaded.game.home} are dated {day}"
    publication = loaded.publish()
    assert state_of(publication, loaded.game) == ("waiting", f"no_player_rows ({where})")
    assert not loaded.reader.has_seen({loaded.game.game_id})
    for row in loaded.of(TEAM_BOX):
        row["game_date"] = day
    loaded.load()
    where = f"2 rows of {loaded.game.away} and {loaded.game.home} are dated {day}"
    publication = loaded.publish()
    assert state_of(publication, loaded.game) == ("waiting", f"no_team_boxscore ({where})")
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_70_exchanged_scores_have_a_reason_of_their_own(loaded):
    """Home and away scores exchanged at a neutral site.

    Guard: sql/tables/team_offense_game_summary/checks/scores_exchanged.sql, sql/views/game_sources.sql
    (has_scores_exchanged)
    """
    for row in (row for row in loaded.of(SCHEDULE) if "home_team_score" in row):
        row["home_team_score"], row["away_team_score"] = row["away_team_score"], row["home_team_score"]
    loaded.load(SCHEDULE)
    publication = loaded.publish()
    state, reason = state_of(publication, loaded.game)
    assert state == "quarantined" and reason.startswith(f"{OFFENSE}: scores_exchanged: ")
    assert ";" not in reason, "what follows from it is not listed"
    assert not loaded.reader.has_seen({loaded.game.game_id})
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.long
def test_71_an_older_play_by_play_touches_no_core_figure(loaded):
    """Play-by-play older than a stat correction: its shots differ from the box score's.

    Guard: sql/views/player_play_by_play.sql (is_complete), sql/views/team_play_by_play.sql (is_complete)
    """
    scorer = played(loaded, GAMEBOOK)[0]
    shot = {
        "game_date": loaded.game.game_date,
        "game_id": loaded.game.nba_game_id,
        "season_year": 2025,
        "home_team_abbr": loaded.game.home,
        "away_team_abbr": loaded.game.away,
        "event_type": "shot",
        "event_subtype": "layup",
        "shot_distance": 2.0,
        "shot_made": True,
        "player_1_lookup": scorer["player_lookup"],
        "player_1_team_abbr": scorer["team_abbr"],
        "processed_at": "2026-02-04 15:00:00+00:00",
    }
    loaded.rows["bigdataball_play_by_play"] = [
        {**shot, "event_id": str(number), "event_sequence": number} for number in range(scorer["field_goals_made"] + 5)
    ]
    loaded.allow_truth_of(loaded.rows)
    loaded.load()
    publication = loaded.publish()
    assert {state_of(publication, game) for game in loaded.games} == {("published", None)}
    (row,) = [row for row in loaded.table(PLAYERS, loaded.game) if row["player_lookup"] == scorer["player_lookup"]]
    assert (row["fg_makes"], row["points"]) == (scorer["field_goals_made"], scorer["points"])
    zones = ("paint_attempts", "paint_makes", "mid_range_attempts", "three_makes_pbp")
    assert {row[zone] for zone in zones} == {None} and row["has_complete_shot_zones"] is False
    loaded.rows["bigdataball_play_by_play"] = []
    loaded.load("bigdataball_play_by_play")
    recovered(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("has_evening", first_in_ci([True, False]))
@pytest.mark.long
def test_74_the_reason_is_the_fault_itself(loaded, has_evening):
    """A reason that names a rule which only followed from the fault: "minutes without points" for -7 points.

    Guard: phase3_assets/publishing/audit.py (_FOLLOWS_FROM),
    sql/tables/player_game_summary/checks/impossible_statistics.sql
    """
    row = played(loaded, GAMEBOOK)[0]
    row["points"] = -7
    if not has_evening:
        loaded.drop(EVENING)
    loaded.load()
    if has_evening:
        serves_evening(loaded, f"points -7 of {row['player_name']}")
    else:
        held_back(loaded, f"{PLAYERS}: impossible_statistics: {row['player_lookup']}: points -7", PLAYERS)
    recovered(loaded)
