"""What is typed in a drill is judged as what it would do: the right command in any spelling, and no other."""

import pytest

from phase3_assets.drill.answers import Answer, Wanted
from phase3_assets.drill.incidents import INCIDENTS
from phase3_assets.drill.names import NAMES
from phase3_assets.runbook.book import PAGE

REPAIR = Wanted(
    ("run", "2025-11-19"),
    flags=("--repair",),
    also=(("backfill", "2025-11-19", "2025-11-19"),),
    instead={"verify": "it finds the rows", "without --repair": "it leaves what looks decided"},
)
BACK = Wanted(("rollback", "player_game_summary", "2025-11-19"), values={"--to": "20251120T1-ab", "--reason": ""})
LINK = Wanted(("releases/1", "current"), program="ln", flags=("-s", "-f", "-n"))


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (REPAIR, "phase3 run 2025-11-19 --repair"),
        (REPAIR, "$ phase3 run --repair 2025-11-19 --json"),
        (REPAIR, "phase3 backfill 2025-11-19 2025-11-19 --repair"),
        (BACK, "phase3 rollback player_game_summary 2025-11-19 --to 20251120T1-ab --reason 'a wrong correction'"),
        (BACK, "phase3 rollback player_game_summary 2025-11-19 --reason=wrong --to=20251120T1-ab"),
        (LINK, "ln -sfn releases/1 current"),
        (LINK, "ln -n -fs releases/1 current"),
    ],
)
def test_the_right_command_in_any_spelling(wanted, text):
    assert wanted.wrong(Answer.read(text)) is None
    assert wanted.wrong(Answer.read(wanted.line)) is None


@pytest.mark.parametrize(
    ("wanted", "text", "why"),
    [
        (REPAIR, "phase3 run 2025-11-19", "it leaves what looks decided"),
        (REPAIR, "phase3 verify 2025-11-19", "it finds the rows"),
        (REPAIR, "phase3 run 2025-11-18 --repair", "2025-11-19 is missing; 2025-11-18 is not about this"),
        (REPAIR, "phase3 run 2025-11-19 --repair --table team_offense_game_summary", "--table would do less"),
        (REPAIR, "phase3 prune", "`phase3 prune` does not put this right"),
        (REPAIR, "rm -rf warehouse.duckdb", "this drill's commands begin with phase3 here"),
        (REPAIR, "phase3 run 2025-11-19 --repair; rm x", "does not"),
        (BACK, "phase3 rollback player_game_summary 2025-11-19 --to 20251120T1-cd --reason x", "is not the one"),
        (BACK, "phase3 rollback player_game_summary 2025-11-19 --to 20251120T1-ab", "--reason is missing"),
        (BACK, "phase3 rollback player_game_summary 2025-11-19 --to 20251120T1-ab --reason ' '", "--reason is missing"),
        (LINK, "ln -s releases/1 current", "-f is missing"),
        (LINK, "ln -sfn releases/2 current", "releases/1 is missing"),
    ],
)
def test_another_command_is_explained(wanted, text, why):
    said = wanted.wrong(Answer.read(text))
    assert said is not None
    assert why in said or "is not about this" in said


@pytest.mark.parametrize("text", ["", "   ", "phase3 run 'x"])
def test_what_is_no_command_is_said_so(text):
    with pytest.raises(ValueError, match=r"nothing was typed|cannot be read"):
        Answer.read(text)


def test_every_incident_leads_to_the_runbook():
    assert tuple(INCIDENTS) == NAMES and len(NAMES) >= 3
    assert all(incident.runbook.startswith(f"{PAGE}#") for incident in INCIDENTS.values())
