"""deploy/: what can be held of its files without a container, and without starting anything.

What belongs here: that they agree with each other, with the project and with the house's rules (no secret, no root,
nothing published past the proxy). What doesn't: what their processes do (test_topology.py).
"""

import configparser
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from phase3_assets.settings.pacing import Pacing
from phase3_assets.settings.retention import Retention
from phase3_assets.settings.thresholds import Thresholds
from phase3_assets_tests.support.composed import (
    COMPOSE,
    DEPLOY,
    EXAMPLE,
    ROOT,
    MissingVariableError,
    named_variables,
    services,
)

CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
SECRETS = {
    "DAGSTER_PG_PASSWORD": "s3cret-1",
    "PHASE3_UI_USER": "somebody",
    "PHASE3_UI_PASSWORD_HASH": "$2a$14$s3cret-2",
}
SERVICES = services(COMPOSE, EXAMPLE, variables=SECRETS)
ALONE = services(COMPOSE, variables=SECRETS)
"""Without the example's code location."""
OURS = {name: said for name, said in SERVICES.items() if said["image"].startswith("phase3:")}
KNOWN_TO_COMPOSE = {
    *("build", "cap_drop", "command", "depends_on", "env_file", "environment", "healthcheck", "image", "init"),
    *("ports", "restart", "security_opt", "stop_grace_period", "user", "volumes", "working_dir"),
}
"""Of compose's specification, what these files use: a misspelled key is none of them."""
KNOWN_OF_A_HEALTH_CHECK = {"test", "interval", "timeout", "start_period", "retries", "disable"}
UNITS = ("setup", "code", "daemon", "webserver")
SECRET = re.compile("PASSWORD|TOKEN|SECRET|WEBHOOK_URL|_KEY")


def read_by(*files: str) -> set[str]:
    """The variables that configuration files take from their process's environment."""
    text = "\n".join((DEPLOY / file).read_text(encoding="utf-8") for file in files)
    return {found[1] or found[2] for found in re.finditer(r"\{env: (\w+)\}|\{\$(\w+)\}", text)}


def variables_of_ours() -> set[str]:
    """The PHASE3_ variables that our code reads."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "phase3_assets").glob("**/*.py"))
    numbers = {f"PHASE3_{field.name.upper()}" for of in (Pacing, Retention, Thresholds) for field in fields(of)}
    return set(re.findall(r"\"(PHASE3_[A-Z0-9_]+)\"", code)) | numbers


def unit(name: str) -> configparser.SectionProxy:
    """The [Service] of a systemd unit."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(DEPLOY / "systemd" / f"phase3-{name}.service")
    return parser["Service"]


def test_the_processes_are_those_of_a_deployment():
    assert set(ALONE) == {"postgres", "setup", "code", "daemon", "webserver", "proxy"}
    assert set(SERVICES) - set(ALONE) == {"grading"}
    keys = {key for said in SERVICES.values() for key in said}
    assert keys - KNOWN_TO_COMPOSE == set()
    assert {key for said in SERVICES.values() for key in said.get("healthcheck", {})} <= KNOWN_OF_A_HEALTH_CHECK
    volumes = {volume.split(":")[0] for said in SERVICES.values() for volume in said.get("volumes", [])}
    declared = [yaml.safe_load(file.read_text())["volumes"] for file in (COMPOSE, EXAMPLE)]
    assert volumes == {name for some in declared for name in some}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_no_root_is_pinned_and_comes_back(name: str):
    said = SERVICES[name]
    assert said["user"] in ("postgres", "10001:10001")
    if "build" not in said:
        assert re.search(r":\d+\.\d+", said["image"]), "an image from elsewhere names its version"
    if name == "setup":
        assert said["restart"] == "no"
    else:
        assert said["restart"] == "unless-stopped" and said["healthcheck"]["test"][0] == "CMD"
    for needed in said.get("depends_on", {}):
        assert needed in SERVICES


def test_every_image_that_is_built_on_names_its_version_and_ends_without_root():
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert bases and all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)
    stages = re.split(r"^FROM ", CONTAINERFILE, flags=re.MULTILINE)[1:]
    for stage in stages:
        if " AS built" not in stage:
            assert "USER 10001:10001" in stage and "HEALTHCHECK" in stage
    assert {said["build"]["target"] for said in SERVICES.values() if "build" in said} == {"phase3", "proxy"}


def test_what_the_image_does_by_itself_is_what_compose_has_the_code_server_do():
    command = re.findall(r"^CMD (.*)$", CONTAINERFILE, re.MULTILINE)[-1]
    check = re.findall(r"^HEALTHCHECK .*?CMD (.*)$", CONTAINERFILE, re.MULTILINE)[0]
    assert yaml.safe_load(command) == SERVICES["code"]["command"]
    assert ["CMD", *yaml.safe_load(check)] == SERVICES["code"]["healthcheck"]["test"]


def test_what_the_image_copies_is_there_and_let_through():
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE) for word in line.split()[:-1]
    ]
    sources = [word for word in copied if not word.startswith("--")]
    assert len(sources) > 5
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in let_through, source


def test_paths_in_commands_are_files_of_the_image():
    for said in OURS.values():
        for word in said["command"]:
            if "/" in word:
                assert (ROOT / word).is_file(), word


def test_nothing_is_published_past_the_proxy():
    assert [name for name, said in SERVICES.items() if "ports" in said] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["127.0.0.1:443:443"], "open to others only where somebody says so"
    caddyfile = (DEPLOY / "Caddyfile").read_text()
    assert caddyfile.index("basicauth {") < caddyfile.index("reverse_proxy")
    assert unit("webserver")["ExecStart"].endswith("--host 127.0.0.1 --port 3000")


@pytest.mark.parametrize("missing", SECRETS)
def test_without_a_secret_nothing_starts(missing: str):
    with pytest.raises(MissingVariableError, match=missing):
        services(COMPOSE, variables={name: value for name, value in SECRETS.items() if name != missing})


def test_no_secret_is_written_in():
    for file in sorted(DEPLOY.rglob("*")):
        if not file.is_file():
            continue
        for line in file.read_text(encoding="utf-8").splitlines():
            given = re.match(r"[\s\-\"]*(\w+)\s*[:=]\s*(.*)$", line)
            if given and SECRET.search(given[1].upper()) and not given[1].startswith("generate"):
                value = given[2].strip().strip('"')
                allowed = re.fullmatch(r"|\$\{\w+:\?[^}]*\}|\$\{\w+:-\}|\{env: \w+\}", value)
                assert allowed or given[1] == "password" or "SecretName" in given[1], f"{file.name}: {line}"
    shown = yaml.safe_dump(services(COMPOSE, EXAMPLE, variables=dict.fromkeys(SECRETS, "given")))
    assert "s3cret" not in shown


def test_every_variable_is_one_that_somebody_reads():
    by_files = read_by("dagster.yaml", "workspace.yaml", "workspace.example.yaml", "Caddyfile")
    by_dagster = {"DAGSTER_HOME"}
    by_the_example = set(re.findall(r"\"(GRADING_\w+)\"", (ROOT / "examples/downstream/grading.py").read_text()))
    by_postgres = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}
    known = by_files | by_dagster | by_the_example | by_postgres | variables_of_ours()
    given = {name for said in SERVICES.values() for name in said["environment"]}
    assert given - known == set()
    by_compose = {"PHASE3_IMAGE_TAG", "PHASE3_LISTEN"}
    assert named_variables(COMPOSE, EXAMPLE) - known == by_compose
    for file in ("env.example", "systemd/environment"):
        written = re.findall(r"^(\w+)=", (DEPLOY / file).read_text(), re.MULTILINE)
        assert set(written) - known <= {"HOME", "PATH"}, file


@pytest.mark.parametrize("name", OURS)
def test_a_service_has_every_variable_that_its_files_read(name: str):
    given = set(OURS[name]["environment"])
    files = ["dagster.yaml", *re.findall(r"workspace\S*\.yaml", " ".join(OURS[name]["command"]))]
    assert read_by(*files) <= given
    assert read_by("Caddyfile") == set(SERVICES["proxy"]["environment"])


def test_a_machine_without_containers_has_every_variable_too():
    written = "".join(
        (DEPLOY / file).read_text() for file in ("systemd/environment", "env.example", "systemd/caddy.conf")
    )
    wanted = read_by("dagster.yaml", "workspace.yaml", "Caddyfile")
    assert {name for name in wanted if not re.search(rf"(^|[ =]){name}=", written, re.MULTILINE)} == set()


@pytest.mark.parametrize("name", UNITS)
def test_systemd_runs_what_compose_runs(name: str):
    service = unit(name)
    command = shlex.split(service["ExecStart"])
    composed = [word.replace("0.0.0.0", "127.0.0.1") for word in ALONE[name]["command"]]
    assert command[0] in (f"/opt/phase3/venv/bin/{composed[0]}", f"/opt/phase3/{composed[0]}")
    assert command[1:] == composed[1:]
    assert service["User"] == "phase3" and service["WorkingDirectory"] == ALONE[name]["working_dir"]
    assert service["KillMode"] == "control-group", (
        "a run of a code server that is gone must not go on beside its successor"
    )
    assert service["Restart"] == ("on-failure" if name == "setup" else "always")


def test_nothing_that_fits_sqlite_alone_is_used():
    configured = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    classes = {part["class"] for part in configured.values() if isinstance(part, dict) and "class" in part}
    assert classes == {
        "PostgresRunStorage",
        "BatchingPostgresEventLogStorage",
        "PostgresScheduleStorage",
        "LocalComputeLogManager",
        "QueuedRunCoordinator",
        "WatchfulRunLauncher",
    }
    assert configured["run_monitoring"]["enabled"] and configured["sensors"] == {"use_threads": False}
    for kind in ("sensor", "schedule"):
        assert all(days > 0 for days in configured["retention"][kind]["purge_after_days"].values())


def test_the_program_that_sets_up_can_be_run():
    for program in ("setup.sh", "as-phase3"):
        assert (DEPLOY / program).stat().st_mode & 0o111, program
    assert Path(ROOT / SERVICES["setup"]["command"][0]) == DEPLOY / "setup.sh"


def test_helms_values_say_what_dagster_yaml_says():
    values = yaml.safe_load((DEPLOY / "helm-values.yaml").read_text())
    ours = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    added = values["additionalInstanceConfig"]
    assert added["retention"] == ours["retention"]
    for part in ("module", "class"):
        assert added["event_log_storage"][part] == ours["event_log_storage"][part]
    queue = values["concurrency"]
    assert queue["runs"]["maxConcurrentRuns"] == ours["concurrency"]["runs"]["max_concurrent_runs"]
    assert queue["pools"] == ours["concurrency"]["pools"] and queue["enabled"]
    web_server = values["dagsterWebserver"]
    assert web_server["service"]["port"] == web_server["readinessProbe"]["httpGet"]["port"] > 1023, "it is not root"
    pinned = re.findall(r"^dagster==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert re.findall(r"--version (\S+)", (ROOT / "docs" / "deployment.md").read_text()) == pinned


def test_systemd_can_read_the_units(tmp_path: Path):
    """A misspelled key, an option that does not exist or a dependency in a circle is said by systemd itself."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed (Debian: apt install systemd)")
    units = []
    for name in UNITS:
        program = tmp_path / shlex.split(unit(name)["ExecStart"])[0].removeprefix("/opt/phase3/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(0o755)
        text = (DEPLOY / "systemd" / f"phase3-{name}.service").read_text(encoding="utf-8")
        units.append(tmp_path / f"phase3-{name}.service")
        units[-1].write_text(text.replace("/opt/phase3", str(tmp_path)), encoding="utf-8")
    verified = subprocess.run([analyze, "verify", *units], capture_output=True, text=True)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
