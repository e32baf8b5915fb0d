"""What Dagster is told, held against the page that was reviewed."""

from phase3_assets_tests.defs.graph import TARGET, text


def test_the_graph_is_what_was_reviewed():
    assert TARGET.read_text(encoding="utf-8").splitlines() == text().splitlines(), "run `make graph`, and read its diff"
