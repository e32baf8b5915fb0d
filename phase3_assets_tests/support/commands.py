"""The command line in this process, as tests call it.

What belongs here: calling a command, and reading what it lists. What doesn't: commands in processes of their own.
"""

import json

from click.testing import CliRunner

from phase3_assets.cli import main
from phase3_assets_tests.support.games import World


def phase3(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def publications(world: World, table: str) -> list[str]:
    day = world.game.game_date.isoformat()
    return [row["publication_id"] for row in json.loads(phase3("history", table, day, "--json").output)]
