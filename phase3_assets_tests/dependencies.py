"""Whether a version we pin is known to be vulnerable, and whether anybody could be asked.

What belongs here: asking pip-audit about the requirement files, and refusing to take "nobody answered" for "nothing
found", which is how pip-audit itself ends. What doesn't: which versions are pinned (requirements*.txt).

`make audit-dependencies` exits 1 where a pinned version is vulnerable, and 2 where one could not be asked about;
with --offline-is-fine the latter is a warning, for a CI that reaches package registries and nothing else.
PHASE3_AUDIT_OSV_URL names another OSV service than the one pip-audit asks by default.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
VULNERABLE, NOT_ASKED = 1, 2


@dataclass
class Audit:
    """What is known of the pinned versions: asked about, vulnerable, and the reasons of those not asked about."""

    asked: int = 0
    vulnerable: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)


def audit(files: Sequence[Path]) -> Audit:
    """Ask about every version pinned in each of these files; nothing is installed, and nothing resolved."""
    found = Audit()
    for file in files:
        answer, complaint = _ask(file)
        found.not_asked += [complaint] if answer is None else []
        for pin in answer or []:
            if "skip_reason" in pin:
                found.not_asked.append(pin["skip_reason"])
                continue
            found.asked += 1
            for vulnerability in pin["vulns"]:
                fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
                found.vulnerable.append(f"{pin['name']} {pin['version']}: {vulnerability['id']}, fixed in {fixed}")
    return found


def _ask(file: Path) -> tuple[list[dict[str, Any]] | None, str]:
    """What pip-audit says of each pin of the file, or None and why it says nothing."""
    service = os.environ.get("PHASE3_AUDIT_OSV_URL")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(file), "--no-deps", "--disable-pip"),
            *("--format=json", "--progress-spinner=off"),
            *(["--vulnerability-service=osv", f"--osv-url={service}"] if service else []),
        ],
        capture_output=True,
        text=True,
    )
    if done.stdout.strip():
        return json.loads(done.stdout)["dependencies"], ""
    return None, f"{file.name}: {(done.stderr.strip().splitlines() or ['pip-audit said nothing'])[-1]}"


def main(arguments: Sequence[str]) -> int:
    """Print what was found; the exit code says the same."""
    offline_is_fine = "--offline-is-fine" in arguments
    files = [Path(name) for name in arguments if not name.startswith("--")] or sorted(ROOT.glob("requirements*.txt"))
    found = audit(files)
    for line in found.vulnerable:
        print(f"VULNERABLE: {line}")
    if found.not_asked:
        print(f"NOT AUDITED: {len(found.not_asked)} answers are missing, the first: {found.not_asked[0]}")
    print(f"{found.asked} pinned versions asked about, {len(found.vulnerable)} known vulnerabilities")
    if found.vulnerable:
        return VULNERABLE
    return NOT_ASKED if found.not_asked and not offline_is_fine else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
