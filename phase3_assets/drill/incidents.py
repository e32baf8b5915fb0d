"""The incidents: what happens, what a person sees of it, which commands put it right.

What belongs here: one class per incident. What doesn't: asking and proving (play.py), the folder (scratch.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from phase3_assets.catalog.queries import sql_text
from phase3_assets.drill.answers import Wanted
from phase3_assets.drill.names import BY_HAND, DAMAGED_SOURCE, WRONG_CORRECTION, WRONG_FORMULA
from phase3_assets.drill.scratch import NIGHT, Scratch, Seen
from phase3_assets.errors import Phase3Error
from phase3_assets.runbook.book import HEALTH, REASON, STATE, link
from phase3_assets.warehouse.schema import initialise

_DAY = NIGHT.isoformat()
_OFFENSE, _PLAYERS = "team_offense_game_summary", "player_game_summary"
_TEAM_BOX, _GAMEBOOK = "nbac_team_boxscore", "nbac_gamebook_player_stats"
_LINK = "ln"
_COUNTS = ("points", "fg_attempted", "fg_made")


@dataclass(frozen=True)
class Step:
    """One command that is asked for."""

    question: str
    wanted: Wanted
    hint: str
    looks: tuple[tuple[str, ...], ...] = ()
    """Commands that show what a person would see, run before the question."""
    before: Callable[[], None] | None = None
    """What happens meanwhile, before the question."""


@dataclass(frozen=True)
class Incident:
    """One incident."""

    name: str
    story: str
    """What a person knows of it: a few lines."""
    stage: Callable[[Scratch], tuple[Seen, Sequence[Step]]]
    """Make it happen; returns what readers should see at the end, and the steps."""
    runbook: str
    """The paragraph about it."""


def _rows_changed_by_hand(scratch: Scratch) -> tuple[Seen, Sequence[Step]]:
    scratch.load()
    scratch.publish()
    right = scratch.seen()
    game = scratch.games[0].game_id
    scratch.write_by_hand(f"UPDATE nba_analytics.{_OFFENSE} SET assists = assists + 1 WHERE game_id = '{game}'")
    wanted = Wanted(
        ("run", _DAY),
        flags=("--repair",),
        also=(("backfill", _DAY, _DAY),),
        harmless=("--json",),
        instead={
            "without --repair": "without --repair a run leaves what looks decided: nobody's inputs have changed",
            "rollback": "no publication was wrong: the last one is right, and rows were changed after it",
            "verify": "it finds the rows, and puts nothing right",
            "load-raw": "the raw rows are right: only published ones were changed",
            "waive": "a waiver gives up on a game that nobody can publish; this one is published",
        },
    )
    return right, [
        Step(
            f"Which command makes readers of {_DAY} see the rows that were published?",
            wanted,
            "The core must compute what looks decided. docs/runbook.md#health-drift",
            looks=(("health", _DAY),),
        )
    ]


def _wrong_correction(scratch: Scratch) -> tuple[Seen, Sequence[Step]]:
    scratch.load()
    scratch.publish()
    right = scratch.seen()
    with scratch.warehouse.session(read_only=True) as session:
        parameters = {"start_date": NIGHT, "end_date": NIGHT, "table_name": _PLAYERS}
        publications = session.query(sql_text("bookkeeping/queries/history"), parameters)
        first = publications[0]["publication_id"]
    _move_assists(scratch, 2)
    scratch.load(_GAMEBOOK)
    scratch.publish()
    held = Wanted(
        ("rollback", _PLAYERS, _DAY),
        values={"--to": first, "--reason": ""},
        instead={
            "other --to": "readers must see the date as the first publication left it: `phase3 history` lists both",
            "run": "a run computes from what is loaded, and that is the wrong gamebook",
            "backfill": "a backfill computes from what is loaded, and that is the wrong gamebook",
            "load-raw": "right, once the league has corrected the file; until then readers see the wrong rows",
            "waive": "a waiver gives up on a game that nobody can publish; this one is published",
        },
    )

    def corrected() -> None:
        _move_assists(scratch, -2)
        scratch.load(_GAMEBOOK)

    release = Wanted(
        ("release", _PLAYERS, _DAY),
        values={"--reason": ""},
        instead={"run": "the games are held: a run leaves them as they are until the hold is lifted"},
    )
    return right, [
        Step(
            "The league will correct the file tomorrow. Which command makes readers see the rows of before until then?",
            held,
            "One command goes back, and holds the date there. docs/corrections.md",
            looks=(("diff", _PLAYERS, _DAY), ("history", _PLAYERS, _DAY)),
        ),
        Step(
            "The corrected gamebook is loaded. Which command lets newer rows in again?",
            release,
            "The rollback has left a hold. docs/runbook.md#reason-held",
            looks=(("status", _DAY),),
            before=corrected,
        ),
        Step(
            "The hold is lifted. Which command computes the date from the corrected gamebook?",
            Wanted(("run", _DAY), also=(("backfill", _DAY, _DAY),), harmless=("--json", "--repair")),
            "The sensors would do it by themselves; by hand it is the command that publishes one date.",
        ),
    ]


def _move_assists(scratch: Scratch, count: int) -> None:
    """Give assists of one player to a teammate: the team's total stays, so that no source contradicts another."""
    game = scratch.games[0]
    entered = [row for row in scratch.rows_of(_GAMEBOOK, game) if row["team_abbr"] == game.home and row["points"]]
    giver, taker = sorted(entered, key=lambda row: (-row["points"], row["player_lookup"]))[:2]
    giver["assists"] -= count
    taker["assists"] += count


def _damaged_source(scratch: Scratch) -> tuple[Seen, Sequence[Step]]:
    scratch.load()
    scratch.publish()
    right = scratch.seen()
    scratch.path.unlink()
    initialise(scratch.warehouse)
    scratch.write_files("corrected", [_TEAM_BOX, _GAMEBOOK])
    game = scratch.games[1]
    for row in scratch.rows_of(_TEAM_BOX, game):
        row.update(dict.fromkeys(_COUNTS, 0))
    for row in scratch.rows_of(_GAMEBOOK, game):
        row["points"] = 0
    scratch.load()
    scratch.publish()
    load = Wanted(
        ("load-raw", "corrected"),
        also=(("load-raw", "corrected/"), ("load-raw", "./corrected"), ("load-raw", "./corrected/")),
        instead={
            "run": "a run looks at what is loaded, and that is still the damaged source",
            "backfill": "a backfill looks at what is loaded, and that is still the damaged source",
            "waive": "a waiver gives up on a game that will never come; this one can be loaded",
            "rollback": "nothing wrong was published: the game is in no table",
        },
    )
    return right, [
        Step(
            "The loader has left corrected files of both sources in the folder `corrected`. Which command first?",
            load,
            "What is loaded must change before anything can be published. docs/runbook.md#state-waiting",
            looks=(("health", _DAY), ("status", _DAY)),
        ),
        Step(
            "The sources are right now. Which command publishes the night?",
            Wanted(("run", _DAY), also=(("backfill", _DAY, _DAY),), harmless=("--json", "--repair")),
            "The sensors would do it by themselves; by hand it is the command that publishes one date.",
        ),
    ]


def _wrong_formula(scratch: Scratch) -> tuple[Seen, Sequence[Step]]:
    scratch.deploy("1", {})
    scratch.deploy("2", {"functions/scoring_attempts_x100.sql": ("44 * ft_attempts", "40 * ft_attempts")})
    scratch.load()
    scratch.publish()
    right = scratch.seen()
    scratch.point_to("2")
    scratch.run(["run", _DAY])
    if scratch.seen() == right:
        raise Phase3Error("the drill went wrong: the other formula has changed nothing")
    back = Wanted(
        ("releases/1", "current"),
        program=_LINK,
        flags=("-s", "-f", "-n"),
        instead={"": "ln -s -f -n RELEASE current points it to another release"},
    )
    return right, [
        Step(
            "`current` is a link to `releases/2`; `releases/1` is the deployment before. Which command goes back?\n"
            "(In a container it would be the former image's tag, in a checkout the former commit.)",
            back,
            "`ln` with the flags that replace a link and do not follow it, -sfn: what it is to lead to, then its name.",
            looks=(("explain", _PLAYERS, _DAY, _first_scorer(scratch), "ts_pct"), ("history", _PLAYERS, _DAY)),
        ),
        Step(
            "The right code runs again. Readers still see what the wrong formula wrote. Which command puts it right?",
            Wanted(
                ("run", _DAY),
                also=(("backfill", _DAY, _DAY),),
                harmless=("--json", "--repair"),
                instead={
                    "rollback": "it would do for one table, and hold it there; more tables than one read the formula, "
                    "and a hold keeps later corrections out",
                    "verify": "the rows are what was published, by another formula: `phase3 verify` finds nothing",
                },
            ),
            "A changed formula starts nothing by itself. The core sees that other code has decided.",
            looks=(("health", _DAY), ("plan", _DAY)),
        ),
    ]


def _first_scorer(scratch: Scratch) -> str:
    rows = [row for row in scratch.rows_of(_GAMEBOOK, scratch.games[0]) if row["free_throws_attempted"]]
    return str(max(rows, key=lambda row: (row["free_throws_attempted"], row["player_lookup"]))["player_lookup"])


INCIDENTS = {
    incident.name: incident
    for incident in (
        Incident(
            BY_HAND,
            "Morning. An analyst says on the phone that one team has an assist too many, and that he is sure: he "
            "corrected it himself, yesterday, in the table.",
            _rows_changed_by_hand,
            link(HEALTH, "drift"),
        ),
        Incident(
            WRONG_CORRECTION,
            "A corrected gamebook came an hour ago and was published. Two players have complained: their assists were "
            "right before, and are wrong now. Every source adds up, so no check could see it.",
            _wrong_correction,
            link(REASON, "held"),
        ),
        Incident(
            DAMAGED_SOURCE,
            "The night's team box score and gamebook of one game were scraped while the site was down: all zeros. "
            "Readers miss the game.",
            _damaged_source,
            link(STATE, "waiting"),
        ),
        Incident(
            WRONG_FORMULA,
            "A deployment went out at noon and the night was published by it. True shooting is a little too high for "
            "whoever shot free throws. Every row passed its audit: the formula itself is wrong.",
            _wrong_formula,
            link(HEALTH, "code"),
        ),
    )
}
"""Every incident, by name."""
