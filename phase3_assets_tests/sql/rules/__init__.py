"""Examples of every rule of every published table: a module per table, of its name, with what is CAUGHT and PASSED.

What belongs here: by rule, rows changed by hand, in the words of rule_examples.py. What doesn't: trying them
(test_rules.py), which says where an example is missing. A new table adds its module; nothing else names it.
"""

from importlib import import_module
from pkgutil import iter_modules

from phase3_assets_tests.sql.rule_examples import Caught, Passed

_MODULES = {module.name: import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)}
CAUGHT: dict[tuple[str, str], list[Caught]] = {
    (table, rule): examples for table, module in _MODULES.items() for rule, examples in module.CAUGHT.items()
}
"""By table and rule, what the rule must catch."""
PASSED: dict[tuple[str, str], list[Passed]] = {
    (table, rule): examples for table, module in _MODULES.items() for rule, examples in module.PASSED.items()
}
"""By table and rule, what it must let pass."""
