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
    """Another process held the warehouse for longer than the configured wait, or BigQuery did not answer in time."""


class WarehouseUnreadableError(Phase3Error):
    """The warehouse file cannot be opened, read or written; its contents are unchanged."""


class SchemaDriftError(Phase3Error):
    """A table in the warehouse does not have the columns its contract promises."""


class PublicationError(Phase3Error):
    """A publication or a rollback did not turn out as intended; the message says what readers see now.

    In most cases nothing was changed. The exception is a publication whose visible rows, after the swap, are not as
    many as were staged. Then the engine matters: DuckDB rolls the whole publication back. On BigQuery the publication
    stays visible until a repair; every row of it was audited.
    """


class NotifierError(Phase3Error):
    """An alert could not be delivered; it is kept, and the next tick tries again."""


class WarehouseRequestError(Phase3Error):
    """The warehouse refused a statement; its contents are unchanged."""
