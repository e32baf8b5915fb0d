"""deploy/compose.yaml read as compose reads it: merged with further files, extended, variables filled in.

What belongs here: what compose's rules make of the files. What doesn't: running the processes (deployed.py), what must
hold of the files (deployment/test_files.py).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
EXAMPLE = DEPLOY / "compose.example.yaml"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")
_MERGED = ("environment", "healthcheck", "build", "depends_on")
_APPENDED = ("volumes", "ports")


class MissingVariableError(Exception):
    """Compose ends with this message where a variable that must be set is not."""


def services(*files: Path, variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Every service of the files, the later ones over the earlier, with `variables` filled in.

    Raises MissingVariableError for a variable that is demanded and not given.
    """
    merged: dict[str, dict[str, Any]] = {}
    for file in files or (COMPOSE,):
        for name, said in yaml.safe_load(file.read_text(encoding="utf-8"))["services"].items():
            extended = said.pop("extends", None)
            if extended:
                base = yaml.safe_load((file.parent / extended["file"]).read_text(encoding="utf-8"))
                said = _merge(base["services"][extended["service"]], said)
            merged[name] = _merge(merged.get(name, {}), said)
    return {name: _filled(said, variables) for name, said in merged.items()}


def named_variables(*files: Path) -> set[str]:
    """Every variable that the files take from outside."""
    return {found["name"] for file in files for found in _VARIABLE.finditer(file.read_text(encoding="utf-8"))}


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **over}
    for key in base.keys() & over.keys():
        if key in _MERGED:
            merged[key] = {**base[key], **over[key]}
        elif key in _APPENDED:
            merged[key] = [*base[key], *over[key]]
    return merged


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found, variables), value)
    if isinstance(value, list):
        return [_filled(part, variables) for part in value]
    if isinstance(value, dict):
        return {key: _filled(part, variables) for key, part in value.items()}
    return value


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    given = variables.get(found["name"], "")
    if given or found["kind"] is None:
        return given
    if found["kind"] == "?":
        raise MissingVariableError(f"{found['name']}: {found['text']}")
    return found["text"]
