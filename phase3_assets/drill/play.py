"""Playing an incident: telling it, asking, judging, running what is right, proving the end.

What belongs here: the conversation. What doesn't: incidents (incidents.py), reading and typing (cli/drill.py).
"""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from phase3_assets.drill.answers import Answer
from phase3_assets.drill.incidents import Incident, Step
from phase3_assets.drill.scratch import NIGHT, Scratch
from phase3_assets.errors import Phase3Error

Say = Callable[[str], None]
Ask = Callable[[], str | None]
"""The next answer; None where nobody answers any more."""
_WRONG_TRIES = 3


def play(incident: Incident, ask: Ask | None, say: Say) -> bool:
    """Play the incident; returns whether it was solved. Without `ask`, the right answers are given.

    Raises Phase3Error where the right commands did not put the data right, which is a fault of ours.
    """
    with tempfile.TemporaryDirectory(prefix="phase3-drill-") as folder:
        scratch = Scratch(Path(folder))
        say(f"Drill {incident.name}: made-up games of {NIGHT}, in a folder of its own. Nothing of yours is touched.")
        say("")
        say(incident.story)
        right, steps = incident.stage(scratch)
        tries = 0
        for number, step in enumerate(steps, start=1):
            if step.before:
                step.before()
            for look in step.looks:
                _run(scratch, list(look), say)
            say("")
            say(f"{number} of {len(steps)}. {step.question}")
            wrong = _answered(step, ask, say)
            if wrong is None:
                say(f"Nobody answers any more. It would have been: {step.wanted.line}")
                say(f"Read on: {incident.runbook}")
                return False
            tries += wrong
            _do(scratch, step, say)
        _prove(scratch, right, say)
        say(f"{len(steps)} right, {tries} wrong. Read on: {incident.runbook}")
        return True


def _answered(step: Step, ask: Ask | None, say: Say) -> int | None:
    """Ask until the answer is right; returns how many were wrong, None where nobody answers any more."""
    if ask is None:
        say(f"$ {step.wanted.line}")
        return 0
    wrong = 0
    while True:
        text = ask()
        if text is None:
            return None
        try:
            why = step.wanted.wrong(Answer.read(text))
        except ValueError as error:
            why = str(error)
        if why is None:
            return wrong
        wrong += 1
        say(f"Not that: {why}. Nothing was run.")
        if wrong == _WRONG_TRIES - 1:
            say(f"A hint: {step.hint}")
        elif wrong >= _WRONG_TRIES:
            say(f"It is: {step.wanted.line}")


def _do(scratch: Scratch, step: Step, say: Say) -> None:
    """Run the step's own command: an answer that is right says the same, perhaps in other words."""
    wanted = step.wanted
    if wanted.program == "ln":
        command = ["ln", "-sfn", *wanted.words]
        subprocess.run(command, cwd=scratch.folder, check=True)  # noqa: S603 - the drill's own two names
        say(f"  current leads to {(scratch.folder / wanted.words[1]).readlink()}")
        return
    values = [part for name, value in wanted.values.items() for part in (name, value or "a drill")]
    _run(scratch, [*wanted.words, *values, *wanted.flags], say)


def _run(scratch: Scratch, arguments: list[str], say: Say) -> None:
    say("")
    say(f"$ phase3 {' '.join(arguments)}")
    for line in scratch.run(arguments).splitlines():
        say(f"  {line}")


def _prove(scratch: Scratch, right: object, say: Say) -> None:
    """Hold what readers see against what they should see, and ask the checklist."""
    seen = scratch.seen()
    if seen != right:
        raise Phase3Error(
            "the drill went wrong: the right commands were run, and readers see other rows than they should"
        )
    _run(scratch, ["health", NIGHT.isoformat()], say)
    _run(scratch, ["verify", NIGHT.isoformat()], say)
    say("")
    say(f"Right again: {len(seen)} games of tables have exactly the content that they should have.")
