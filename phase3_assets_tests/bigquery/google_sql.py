"""Google's SQL analyzer and reference evaluator, in process: what its WebAssembly build is asked, and how.

What belongs here: loading the module, schemas and values as it wants them, two questions (is this text right, what rows
does it give). What doesn't: which texts (statements.py), what DuckDB says (test_differential.py).

Compiling the module takes half a minute, so the compiled form is kept beside the project's other local files.
"""

import ctypes
import fcntl
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tzdata
from wasmtime import Config, Engine, Linker, Module, Store, WasiConfig
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2 as options
from zetasql.wasi._pb2.zetasql.proto import simple_catalog_pb2 as catalogs
from zetasql.wasi._pb2.zetasql.public import options_pb2 as language
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2 as tables
from zetasql.wasi._pb2.zetasql.public import type_pb2 as types
from zetasql.wasi._pb2.zetasql.public import value_pb2 as values

from phase3_assets.catalog.contracts import Contract

Row = dict[str, Any]
Schema = dict[str, types.TypeProto]
"""Column name to type, in order."""

_CACHE = Path(__file__).parents[2] / ".phase3" / "cache"
_EPOCH = date(1970, 1, 1)
_NUMERIC_SCALE = 10**9

# What our texts use beyond the bare language. BigQuery documents each; anything else is an error here.
_FEATURES = (
    "ANALYTIC_FUNCTIONS",
    "NUMERIC_TYPE",
    "PARAMETERIZED_TYPES",
    "QUALIFY",
    "SELECT_STAR_EXCEPT_REPLACE",
    "ORDER_BY_IN_AGGREGATE",
    "WITH_ON_SUBQUERY",
    "ADDITIONAL_STRING_FUNCTIONS",
    "CREATE_TABLE_NOT_NULL",
    "CREATE_TABLE_PARTITION_BY",
    "CREATE_TABLE_CLUSTER_BY",
    "CREATE_TABLE_FIELD_ANNOTATIONS",
    "UNENFORCED_PRIMARY_KEYS",
    "JSON_ARRAY_FUNCTIONS",
    "JSON_VALUE_EXTRACTION_FUNCTIONS",
    "IS_DISTINCT",
    "CREATE_TABLE_FUNCTION",
    "TABLE_VALUED_FUNCTIONS",
    "CIVIL_TIME",
)


class GoogleSqlError(Exception):
    """What Google's analyzer or evaluator refuses, in its own words."""


@dataclass(frozen=True)
class Answer:
    """The rows of a query and the types of its columns."""

    schema: Schema
    rows: list[Row]


def type_of(name: str) -> types.TypeProto:
    """The type BigQuery calls `name`: INT64, NUMERIC(6,2), ARRAY<STRING> ..."""
    if name.startswith("ARRAY<"):
        element = type_of(name.removeprefix("ARRAY<").removesuffix(">"))
        return types.TypeProto(type_kind=types.TYPE_ARRAY, array_type=types.ArrayTypeProto(element_type=element))
    bare = name.split("(")[0]
    kind = "TYPE_DOUBLE" if bare == "FLOAT64" else f"TYPE_{bare}"
    return types.TypeProto(type_kind=types.TypeKind.Value(kind))


def schema_of(contract: Contract) -> Schema:
    """The columns a contract declares."""
    return {column.name: type_of(column.type) for column in contract.columns}


def analyze(sql: str, tables_known: Mapping[str, Schema], parameter_types: Mapping[str, str]) -> None:
    """Resolve every name and type of one statement. Raises GoogleSqlError with the analyzer's message."""
    request = service.AnalyzeRequest(
        sql_statement=sql, options=_options(parameter_types), simple_catalog=_nested_catalog(tables_known)
    )
    _response_again("Analyze", request.SerializeToString(deterministic=True))


def output_schema(sql: str, tables_known: Mapping[str, Schema], parameter_types: Mapping[str, str]) -> Schema:
    """The columns a SELECT gives, resolved but not run."""
    request = service.PrepareQueryRequest(
        sql=sql, options=_options(parameter_types), simple_catalog=_nested_catalog(tables_known)
    )
    prepared = _call("PrepareQuery", request, service.PrepareQueryResponse).prepared
    _call("UnprepareQuery", service.UnprepareQueryRequest(prepared_query_id=prepared.prepared_query_id), None)
    return {column.name: column.type for column in prepared.columns}


def evaluate(
    sql: str,
    relations: Mapping[str, tuple[Schema, Sequence[Row]]],
    parameter_types: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> Answer:
    """Run one SELECT over relations of rows, by `dataset.table`.

    The evaluator takes rows of unqualified tables only, so `dataset.table` is sent as one quoted name.
    """
    used = {name: relations[name] for name in sorted(relations) if _occurs(name, sql)}
    request = service.EvaluateQueryRequest(
        sql=_with_quoted_names(sql, used),
        options=_options(parameter_types),
        simple_catalog=catalogs.SimpleCatalogProto(
            name="bigquery",
            builtin_function_options=_functions(),
            table=[_table(name, schema) for name, (schema, _) in used.items()],
        ),
    )
    for name, (schema, rows) in used.items():
        content = request.table_content[name].table_data
        content.SetInParent()
        for row in rows:
            content.row.add(cell=[_encode(row.get(column), kind) for column, kind in schema.items()])
    for name, value in parameters.items():
        request.params.add(name=name, value=_encode(value, type_of(parameter_types[name])))
    answer = service.EvaluateQueryResponse.FromString(
        _response_again("EvaluateQuery", request.SerializeToString(deterministic=True))
    )
    schema = {column.name: column.type for column in answer.prepared.columns}
    rows = [
        {name: _decode(cell, kind) for (name, kind), cell in zip(schema.items(), row.cell, strict=True)}
        for row in answer.content.table_data.row
    ]
    return Answer(schema, rows)


def _options(parameter_types: Mapping[str, str]) -> options.AnalyzerOptionsProto:
    return options.AnalyzerOptionsProto(
        language_options=_language(),
        default_timezone="UTC",
        query_parameters=[{"name": name, "type": type_of(kind)} for name, kind in parameter_types.items()],
    )


@cache
def _language() -> options.LanguageOptionsProto:
    features = [language.LanguageFeature.Value(f"FEATURE_{name}") for name in _FEATURES]
    return options.LanguageOptionsProto(
        product_mode=language.PRODUCT_EXTERNAL, enabled_language_features=features, reserved_keywords=["QUALIFY"]
    )


def _functions() -> options.ZetaSQLBuiltinFunctionOptionsProto:
    return options.ZetaSQLBuiltinFunctionOptionsProto(language_options=_language())


def _nested_catalog(tables_known: Mapping[str, Schema]) -> catalogs.SimpleCatalogProto:
    """Datasets of tables, as `dataset.table` names them, and whatever a dataset has nested in it."""
    whole = catalogs.SimpleCatalogProto(name="bigquery", builtin_function_options=_functions())
    for full_name, schema in tables_known.items():
        *folders, name = full_name.split(".")
        catalog = whole
        for folder in folders:
            inside = next((each for each in catalog.catalog if each.name == folder), None)
            catalog = inside or catalog.catalog.add(name=folder)
        catalog.table.append(_table(name, schema))
    return whole


def _table(name: str, schema: Schema) -> tables.SimpleTableProto:
    columns = [{"name": column, "type": kind, "is_writable_column": True} for column, kind in schema.items()]
    return tables.SimpleTableProto(name=name, column=columns)


def _occurs(full_name: str, sql: str) -> bool:
    return re.search(rf"\b{re.escape(full_name)}\b", sql) is not None


def _with_quoted_names(sql: str, names: Iterable[str]) -> str:
    """`dataset.table` as one name, under the alias that it has without being told."""
    for name in names:
        alias = name.partition(".")[2]
        sql = re.sub(rf"\b{re.escape(name)}\b(\s+AS\b)?", lambda m: f"`{name}`{m[1] or f' AS {alias}'}", sql)  # noqa: B023
    return sql


def _encode(value: Any, kind: types.TypeProto) -> values.ValueProto:
    encoded = values.ValueProto()
    if value is None:
        return encoded
    match kind.type_kind:
        case types.TYPE_INT64:
            encoded.int64_value = value
        case types.TYPE_DOUBLE:
            encoded.double_value = value
        case types.TYPE_BOOL:
            encoded.bool_value = value
        case types.TYPE_STRING:
            encoded.string_value = value
        case types.TYPE_DATE:
            encoded.date_value = (value - _EPOCH).days
        case types.TYPE_TIMESTAMP:
            encoded.timestamp_value.FromDatetime(value.astimezone(UTC).replace(tzinfo=None))
        case types.TYPE_NUMERIC:
            scaled = int(Decimal(str(value)) * _NUMERIC_SCALE)
            encoded.numeric_value = scaled.to_bytes(scaled.bit_length() // 8 + 1, "little", signed=True)
        case types.TYPE_ARRAY:
            encoded.array_value.SetInParent()
            encoded.array_value.element.extend(_encode(each, kind.array_type.element_type) for each in value)
        case types.TYPE_STRUCT:
            encoded.struct_value.SetInParent()
            fields = kind.struct_type.field
            encoded.struct_value.field.extend(_encode(value[f.field_name], f.field_type) for f in fields)
        case other:
            raise TypeError(f"no value of {types.TypeKind.Name(other)} is used by this project")
    return encoded


def _decode(value: values.ValueProto, kind: types.TypeProto) -> Any:
    if value.WhichOneof("value") is None:
        return None
    match kind.type_kind:
        case types.TYPE_INT64:
            return value.int64_value
        case types.TYPE_DOUBLE:
            return value.double_value
        case types.TYPE_BOOL:
            return value.bool_value
        case types.TYPE_STRING:
            return value.string_value
        case types.TYPE_DATE:
            return _EPOCH + timedelta(days=value.date_value)
        case types.TYPE_TIMESTAMP:
            return value.timestamp_value.ToDatetime(tzinfo=UTC)
        case types.TYPE_NUMERIC:
            return Decimal(int.from_bytes(value.numeric_value, "little", signed=True)) / _NUMERIC_SCALE
        case types.TYPE_ARRAY:
            return [_decode(element, kind.array_type.element_type) for element in value.array_value.element]
        case types.TYPE_STRUCT:
            pairs = zip(kind.struct_type.field, value.struct_value.field, strict=True)
            return {field.field_name: _decode(each, field.field_type) for field, each in pairs}
        case other:
            raise TypeError(f"no value of {types.TypeKind.Name(other)} is used by this project")


@lru_cache(maxsize=4096)
def _response_again(method: str, payload: bytes) -> bytes:
    """The response to a request that has no effect: the same text over the same rows is worked on once."""
    return _response(method, payload)


def _call(method: str, request: Any, response_type: Any) -> Any:
    answer = _response(method, request.SerializeToString())
    return response_type.FromString(answer) if response_type else None


def _response(method: str, payload: bytes) -> bytes:
    """One remote procedure call into the module: bytes in, bytes out, an error as text."""
    module = _module()
    request_at, size_at = module.call("wasm_malloc", len(payload)), module.call("wasm_malloc", 4)
    try:
        module.write(request_at, payload)
        response_at = module.call(f"ZetaSqlLocalService_{method}", request_at, len(payload), size_at)
        if response_at == 0:
            error = module.read(module.call("wasm_get_last_error"), module.call("wasm_get_last_error_size"))
            raise GoogleSqlError(error.decode())
        answer = module.read(response_at, int.from_bytes(module.read(size_at, 4), "little"))
        module.call("wasm_free", response_at)
    finally:
        module.call("wasm_free", request_at)
        module.call("wasm_free", size_at)
    return answer


class _Module:
    """The instantiated WebAssembly module and its memory."""

    def __init__(self) -> None:
        config = Config()
        config.shared_memory = True
        engine = Engine(config)
        self._store = Store(engine)
        system = WasiConfig()
        system.inherit_stderr()
        system.preopen_dir(str(Path(tzdata.__file__).parent / "zoneinfo"), "/usr/share/zoneinfo")
        self._store.set_wasi(system)
        linker = Linker(engine)
        linker.define_wasi()
        self._exports = linker.instantiate(self._store, _compiled(engine)).exports(self._store)
        self.call("_initialize")

    def call(self, name: str, *arguments: int) -> Any:
        return self._exports[name](self._store, *arguments)

    def write(self, at: int, payload: bytes) -> None:
        ctypes.memmove(self._address(at), payload, len(payload))

    def read(self, at: int, size: int) -> bytes:
        return ctypes.string_at(self._address(at), size)

    def _address(self, at: int) -> int:
        return ctypes.addressof(self._exports["memory"].data_ptr().contents) + at


@cache
def _module() -> _Module:
    return _Module()


def prepare() -> None:
    """Compile Google's module where nobody has yet."""
    _module()


def _compiled(engine: Engine) -> Module:
    """The compiled module, from the cache where these very versions have compiled it before, or are at it now."""
    path = _CACHE / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}-{os.uname().machine}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            whole = path.with_suffix(".new")
            whole.write_bytes(Module.from_file(engine, str(get_wasm_path())).serialize())
            whole.replace(path)
    return Module.deserialize_file(engine, str(path))
