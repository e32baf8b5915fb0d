"""The night report says what is recorded of each game, escapes what comes from outside, and names no other address."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets.definitions import build_defs
from phase3_assets.defs.night_report import NIGHT_REPORT, REPORT_JOB, _metadata
from phase3_assets.defs.resources import Publisher
from phase3_assets.errors import ConfigurationError
from phase3_assets.publishing.check import check_published
from phase3_assets.reporting import corrections as correcting
from phase3_assets.reporting.night import Report, night_report
from phase3_assets.reporting.page import page
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.reporting.night import SCRIPT, ReportedNight
from phase3_assets_tests.support.games import DAY, OFFENSE, PLAYERS, SUMMARIES


@pytest.fixture(scope="module")
def report(world: ReportedNight) -> Report:
    return night_report(world.warehouse, DAY, DAY, Thresholds())


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return page(report)


NOTHING_ELSE = {
    "game_id": "20260203_A_B",
    "outcome": "published",
    "reason": None,
    "is_correction": True,
    "rows_added": 0,
    "rows_changed": 1,
    "rows_removed": 0,
}
"""The other columns of a correction's decision."""


class Outline(HTMLParser):
    """What a screen reader goes by: levels of headings, ids, header cells without a scope, pictures without words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.named_by: list[str] = []
        self.faults: list[str] = []
        self.tables = 0
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.language = given.get("lang", self.language)
        self.tables += tag == "table"
        self.ids += [given["id"]] if "id" in given else []
        self.named_by += given.get("aria-labelledby", "").split()
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th" and given.get("scope") not in ("col", "row", "rowgroup"):
            self.faults.append("th without a scope")
        if tag == "svg" and (given.get("role") != "img" or not given.get("aria-labelledby")):
            self.faults.append("a picture without words")
        if tag in ("script", "link", "iframe", "img") or given.keys() & {"src", "srcset", "action", "onclick"}:
            self.faults.append(f"{tag} {given}")
        if tag == "a" and not given.get("href", "").startswith("#"):
            self.faults.append(f"a link to {given.get('href')}")


def card(report: Report, game) -> object:
    return next(card for card in report.cards if card.game_id == game.game_id)


def part(html: str, name: str) -> str:
    """The section of that id, tags left out."""
    text = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)[1]
    return " ".join(re.sub(r"<(title|desc|svg).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL).split())


def test_a_published_game_has_its_score_its_tier_and_its_times(report, world):
    of = card(report, world.plain)
    assert (of.state, of.reason, of.tier, of.to_do) == ("published", None, "gold", ())
    points = (world.plain.total(world.plain.away, "points"), world.plain.total(world.plain.home, "points"))
    assert of.scores == points
    came = {arrival.source: arrival for arrival in of.arrivals}
    assert list(came) == list(dict.fromkeys(came)) and {"nbac_schedule", "nbac_team_boxscore"} < set(came)
    box = world.of("nbac_team_boxscore", world.plain)
    assert came["nbac_team_boxscore"].latest_at == max(row["processed_at"] for row in box)
    assert came["nbac_team_boxscore"].rows == len(box)
    decided = world.query(
        "SELECT table_name, MIN(finished_at) AS at FROM nba_phase3.publications WHERE game_id = @game "
        "AND row_count > 0 GROUP BY table_name",
        game=world.plain.game_id,
    )
    assert of.published_at == max(row["at"] for row in decided if row["table_name"] in SUMMARIES)
    assert of.changed_at is None


def test_a_late_and_a_held_game_have_no_score_and_say_what_to_do(report, html, world):
    late, held = card(report, world.waiting), card(report, world.held)
    assert (late.state, late.reason) == ("waiting", "placeholder_team_boxscore")
    assert held.state == "quarantined" and "does_not_add_up" in held.reason
    assert late.scores is held.scores is late.tier is held.tier is held.published_at is None
    assert [c.game_id for c in report.to_look_at] == sorted(g.game_id for g in (world.waiting, world.held, world.live))
    told = part(html, "look")
    assert "written before the game was played. Load the game's rows of nbac_team_boxscore again" in told.replace(
        "&#39;", "'"
    )
    assert f"phase3 waive {world.waiting.game_id} --reason" in told
    assert "load the one that is wrong again" in told
    assert "The schedule does not say yet that the game is over" in told
    assert world.plain.game_id not in told and world.corrected.game_id not in told
    figures = [world.held.total(team, "points") for team in (world.held.away, world.held.home)]
    assert f"{figures[0]}\u200a–\u200a{figures[1]}" not in html.replace("&#8202;", "\u200a")


def test_games_that_need_somebody_come_first(report, world):
    first = {card.game_id for card in report.nights[0].cards[:3]}
    assert first == {world.waiting.game_id, world.held.game_id, world.live.game_id}


def test_a_correction_says_what_changed_from_what_to_what(report, html, world):
    of_teams = [c for c in report.corrections if c.table == "team_offense_game_summary"]
    (correction,) = of_teams
    assert correction.games == (world.corrected.game_id,) and correction.rows_changed == 2
    changed = {change.key: {name: (old, new) for name, old, new in change.values} for change in correction.changes}
    for team in (world.corrected.away, world.corrected.home):
        old, new = changed[team]["assists"]
        assert new == old + 1 == world.corrected.total(team, "assists") + 1
        assert f"assists: {old} → now {new}" in part(html, "corrections")
    assert card(report, world.corrected).changed_at == max(c.made_at for c in report.corrections)
    # Publishing a game for the first time is no correction.
    assert {game for c in report.corrections for game in c.games} == {world.corrected.game_id}


def test_a_correction_of_an_earlier_night_is_told_on_the_day_it_was_made(report, world):
    rows = [
        {"table_name": OFFENSE, "game_date": DAY, "publication_id": "x", "finished_at": moment, **NOTHING_ELSE}
        for moment in (datetime(2026, 2, 6, 4, 59, tzinfo=UTC), datetime(2026, 2, 6, 5, 0, tzinfo=UTC))
    ]

    def told(rows: list[dict], day: date) -> list[datetime]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(correcting, "MOST_COMPARED", 0)
            return [c.made_at for c in correcting.corrections(world.warehouse, rows, day, day)]

    # Midnight, Eastern, is at five in UTC.
    assert told(rows[:1], date(2026, 2, 5)) == [rows[0]["finished_at"]] and told(rows[:1], date(2026, 2, 6)) == []
    assert told(rows[1:], date(2026, 2, 6)) == [rows[1]["finished_at"]] and told(rows[1:], date(2026, 2, 5)) == []
    assert told([{**rows[1], "is_correction": False}], date(2026, 2, 6)) == []
    assert told([{**rows[1], "table_name": "player_daily_cache"}], date(2026, 2, 6)) == []


def test_the_highest_usage_is_named_and_no_name_is_markup(report, html):
    assert report.usage[0].rate == max(one.rate for one in report.usage)
    assert SCRIPT in {one.player for one in report.usage}
    assert "<script" not in html
    assert {one.is_brief for one in report.usage if one.minutes < 5} <= {True}
    assert not any(one.is_brief for one in report.usage if one.minutes >= 5)
    named = [one.player for one in report.usage if not one.is_brief][:8]
    assert SCRIPT in named and "Bad &lt;script&gt;alert(1)&lt;/script&gt; Actor" in html


def test_checks_and_completion_are_those_of_the_records(report, html, world):
    (night,) = report.nights
    assert night.completion["games_scheduled"] == 5 and "0 of 5" in part(html, "completion")
    assert world.held.game_id in part(html, "completion")
    verdicts = check_published(world.warehouse, DAY, DAY, world.tables, Thresholds())
    players = next(one for one in report.nights[0].checked if one.table == PLAYERS)
    failed = {verdict.check for verdict in verdicts if verdict.table == PLAYERS and not verdict.passed}
    assert {check.name for check in players.failed} == failed and "games_complete" in failed
    # The check says the same of all three tables, and is told once.
    (complete,) = [failures for failures in report.failures if failures.name == "games_complete"]
    assert {failed.table for failed in complete.failed} == set(SUMMARIES)
    assert part(html, "checks").count(complete.demand) == 1


def test_the_season_has_the_date_and_says_it_is_not_complete(report, html):
    assert [(day.game_date, day.games, day.complete) for day in report.season] == [(DAY, 5, 0)]
    assert f"Not complete: {DAY} (0 of 5)" in part(html, "season")


def test_the_page_names_nothing_outside_and_can_be_read_by_a_screen_reader(html):
    assert re.findall(r"(?:https?:)?//[\w.]", html) == [] and re.findall(r"@import|url\((?!#)", html) == []
    outline = Outline(html)
    assert outline.faults == [] and outline.language == "en" and outline.tables >= 4
    assert len(outline.ids) == len(set(outline.ids)) and set(outline.named_by) <= set(outline.ids)
    assert outline.headings[0] == 1 and outline.headings.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False))


def test_times_are_eastern_with_their_zone(html, report, world):
    moment = card(report, world.plain).arrivals[0].latest_at
    assert f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">' in html
    shown = re.findall(r"<time [^>]*>([^<]*)</time>", html)
    assert len(shown) > 10 and all(re.fullmatch(r"\d+ \w{3}( \d{4})?, \d\d:\d\d E[SD]T", text) for text in shown)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_stands_out_in_light_and_dark(html):
    schemes = re.findall(r":root \{([^}]*--ground[^}]*)\}", html)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for text in ("ink", "soft", "good", "warn", "bad", "accent"):
            for ground in ("ground", "card", "code"):
                low, high = sorted((luminance(colours[text]), luminance(colours[ground])))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_a_date_without_games_and_a_range(world):
    first = DAY - timedelta(days=1)
    both = night_report(world.warehouse, first, DAY, Thresholds())
    text = page(both)
    assert f"Nights from {first} to {DAY}" in text and "No games are scheduled on this date." in part(text, "board")
    assert len(both.cards) == 5 and [night.game_date for night in both.nights] == [first, DAY]
    nothing = replace(both, last=first, nights=both.nights[:1], usage=(), corrections=(), season=())
    empty = page(nothing)
    assert "No games are scheduled." in empty and "No usage rate is published." in empty
    assert Outline(empty).faults == []


def test_a_season_is_too_much_for_a_page(world):
    with pytest.raises(ConfigurationError, match="32 dates; a report covers 31"):
        night_report(world.warehouse, date(2026, 1, 1), date(2026, 2, 1), Thresholds())


def test_the_command_writes_the_page_whole_and_replaces_none_unasked(world, tmp_path, monkeypatch):
    monkeypatch.setenv("PHASE3_DUCKDB_PATH", str(world.warehouse.path))
    target = tmp_path / "night.html"
    done = CliRunner().invoke(main, ["report", str(DAY), "--to", str(target)])
    assert done.exit_code == 0 and "5 games: 2 published" in done.output
    assert f"{world.held.game_id}  quarantined" in done.output
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    before = target.read_bytes()
    again = CliRunner().invoke(main, ["report", str(DAY), "--to", str(target)])
    assert again.exit_code == 2 and "exists already" in again.output and target.read_bytes() == before
    for wrong in ("night.txt", "nowhere/night.html"):
        refused = CliRunner().invoke(main, ["report", str(DAY), "--to", str(tmp_path / wrong)])
        assert refused.exit_code == 2 and wrong in refused.output
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["night.html"]


@pytest.fixture
def materialized(world, tmp_path, monkeypatch) -> Iterator[dict[str, dg.MetadataValue]]:
    monkeypatch.setenv("PHASE3_REPORTS_PATH", str(tmp_path / "reports"))
    job = build_defs(Publisher(world.warehouse)).resolve_job_def(REPORT_JOB)
    result = job.execute_in_process(instance=dg.DagsterInstance.ephemeral(), partition_key=str(DAY))
    (event,) = result.asset_materializations_for_node(NIGHT_REPORT)
    return event.metadata


def test_a_link_leads_where_a_web_server_shows_the_folder(report, tmp_path):
    linked = _metadata(report, tmp_path / "night.html", "https://pages.example/nights/")
    assert linked["link"].value == "https://pages.example/nights/night.html"
    nothing = _metadata(replace(report, nights=()), tmp_path / "night.html", None)
    assert "night_board" not in nothing and nothing["games"] == 0


def test_the_asset_has_its_picture_and_its_link(materialized, tmp_path):
    path = tmp_path / "reports" / f"night-{DAY}.html"
    assert Path(materialized["page"].value) == path and materialized["link"].value == path.as_uri()
    assert f"Night of {DAY}" in path.read_text(encoding="utf-8")
    assert "data:image/svg+xml;base64," in materialized["night_board"].value
    assert (materialized["games"].value, materialized["games_published"].value) == (5, 2)
    assert materialized["games_to_look_at"].value == 3 and materialized["checks_failed"].value > 0
