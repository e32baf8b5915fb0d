"""Tests, one module per concern; helpers shared by several live in conftest.py and support/games.py."""
