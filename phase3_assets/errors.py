"""The errors a person is meant to read.

What belongs here: exceptions whose message says what is wrong, what was kept safe and what to do next. The command line
prints them without a traceback. What doesn't: anything caught and handled inside the package.
"""


class Phase3Error(Exception):
    """Something is wrong that a person must see; nothing was half done, or the message says what was."""


class ConfigurationError(Phase3Error):
    """A setting, an argument or a contract cannot be used as it is."""


class LoadError(Phase3Error):
    """A raw file cannot be loaded; the table keeps the rows it had."""


class WarehouseBusyError(Phase3Error):
    """Another process kept the warehouse to itself for longer than we are told to wait."""


class WarehouseUnreadableError(Phase3Error):
    """The warehouse file cannot be opened, read or written; what it holds is as it was."""


class SchemaDriftError(Phase3Error):
    """A table in the warehouse does not have the columns its contract promises."""


class PublicationError(Phase3Error):
    """A publication, or a rollback, is not what it was to be, and says what readers see.

    Mostly nothing was changed. Only where rows once swapped in are not as many as were staged does the engine matter:
    DuckDB takes the whole publication back; on BigQuery it stays visible until a repair, every row of it audited.
    """


class NotifierError(Phase3Error):
    """An alert could not be handed over; it is kept, and the next tick tries again."""


class WarehouseRequestError(Phase3Error):
    """The warehouse refused a statement; what it holds is as it was."""
