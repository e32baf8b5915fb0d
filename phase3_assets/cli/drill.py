"""The command that rehearses: drill.

What belongs here: its arguments, reading answers, its exit status. What doesn't: the incidents (drill/).
"""

import random

import click

from phase3_assets.cli.common import HELD_BACK, explained, main
from phase3_assets.cli.output import say
from phase3_assets.drill.names import NAMES


@main.command()
@click.argument("incident", required=False, type=click.Choice(NAMES))
@click.option("--answer", "answers", multiple=True, metavar="COMMAND", help="Answer this, in turn, instead of asking.")
@click.option("--solve", is_flag=True, help="Give the right answers, and show what they do.")
@explained
def drill(incident: str | None, answers: tuple[str, ...], solve: bool) -> int:
    """Play an incident on made-up data, and ask for the right command. Without INCIDENT, any.

    It is played in a folder of its own, which is gone afterwards: the configured warehouse is never opened. A right
    answer is run; a wrong one is explained, and after the second one there is a hint. At the end it proves that readers
    see what they should. Exit status 0 if it was solved, 1 if nobody answers any more.

    \b
      phase3 drill
      phase3 drill wrong-formula                     a deployment that must be rolled back
      phase3 drill wrong-correction                  a publication that must be rolled back
      phase3 drill rows-changed-by-hand --answer "phase3 run 2025-11-19 --repair"
    """
    from phase3_assets.drill.incidents import INCIDENTS
    from phase3_assets.drill.play import play

    left = list(answers)

    def ask() -> str | None:
        if answers:
            if not left:
                return None
            say(f"$ {left[0]}")
            return left.pop(0)
        try:
            return str(click.prompt("$", prompt_suffix=" "))
        except click.Abort:
            return None

    chosen = INCIDENTS[incident or random.choice(NAMES)]
    return 0 if play(chosen, None if solve else ask, say) else HELD_BACK
