"""Playing an incident: telling it, asking, judging, running what is right, proving the end.

What belongs here: the conversation. What doesn't: incidents (incidents.py), reading and typing (cli/drill.py).
"""

import shlex
import tempfile
from collections.abc import Callable, Sequence
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
                _run(scratch, look, say)
            say("")
            say(f"{number} of {len(steps)}. {step.question}")
            answered = _answered(step, ask, say)
            if answered is None:
                say(f"Nobody answers any more. It would have been: {step.wanted.line}")
                say(f"Read on: {incident.runbook}")
                return False
            answer, wrong = answered
            tries += wrong
            _do(scratch, answer, say)
        _prove(scratch, right, say)
        say(f"{len(steps)} right, {tries} wrong. Read on: {incident.runbook}")
        return True


def _answered(step: Step, ask: Ask | None, say: Say) -> tuple[Answer, int] | None:
    """Ask until the answer is right; returns it, and how many were wrong. None where nobody answers any more."""
    if ask is None:
        return Answer.read(step.wanted.line), 0
    wrong = 0
    while True:
        text = ask()
        if text is None:
            return None
        try:
            answer = Answer.read(text)
            why = step.wanted.wrong(answer)
            if why is None:
                return answer, wrong
        except ValueError as error:
            why = str(error)
        wrong += 1
        say(f"Not that: {why}. Nothing was run.")
        if wrong == _WRONG_TRIES - 1:
            say(f"A hint: {step.hint}")
        elif wrong >= _WRONG_TRIES:
            say(f"It is: {step.wanted.line}")


def _do(scratch: Scratch, answer: Answer, say: Say) -> None:
    """Run an answer that was judged right. Of a link's the names are those of the drill, whatever else it says."""
    if answer.program == "phase3":
        _run(scratch, answer.arguments, say)
        return
    release, link = answer.words
    (scratch.folder / link).unlink()
    (scratch.folder / link).symlink_to(release)
    say("")
    say(f"$ ln -sfn {release} {link}")
    say(f"  {link} leads to {(scratch.folder / link).readlink()}")


def _run(scratch: Scratch, arguments: Sequence[str], say: Say) -> None:
    say("")
    say(f"$ phase3 {shlex.join(arguments)}")
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
    tables = len({table for table, _ in seen})
    say(f"Right again: in {tables} tables, every game has exactly the content that it should have.")
