"""The catalogue is whole: every failure has a test, every guard and test is where it is said to be, the page is new.

What belongs here: what can be said of all the tests together. What doesn't: injecting anything.
"""

from collections import Counter

from phase3_assets_tests.faults.catalogue import (
    BIGQUERY_TESTS,
    FAILURES,
    ON_BIGQUERY,
    ROOT,
    TARGET,
    entries,
    text,
)


def test_every_failure_has_one_test():
    counted = Counter(entry.number for entry in entries())
    assert counted == Counter(range(1, FAILURES + 1))


def test_every_guard_is_where_the_catalogue_says():
    for entry in entries():
        assert entry.failure and entry.guards, entry.test
        for path, names in entry.guards:
            guard = (ROOT / path).read_text(encoding="utf-8")
            assert all(name in guard for name in names), (entry.test, path, names)


def test_every_test_is_where_the_catalogue_says():
    for path, name in (entry.test.split("::") for entry in entries()):
        assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), (path, name)


def test_every_test_on_bigquery_is_where_the_catalogue_says():
    for tests in ON_BIGQUERY.values():
        for path, name in (test.split("::") for test in tests):
            assert f"\ndef {name}(" in (ROOT / BIGQUERY_TESTS / path).read_text(encoding="utf-8"), name


def test_the_page_is_what_the_tests_say():
    assert TARGET.read_text(encoding="utf-8") == text(), "run `make failures`"
