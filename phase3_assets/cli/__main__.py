"""`python -m phase3_assets.cli`."""

from phase3_assets.cli import main

main(prog_name="phase3")
