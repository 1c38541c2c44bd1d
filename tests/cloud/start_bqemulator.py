"""Starts bqemulator 1.4.0 with the names of nested columns quoted.

It writes them into DuckDB's DDL as they are, so that a nested column `order`, which invoices have and which BigQuery
takes, is a syntax error there. Arguments are those of the `bqemulator` command.
"""

import sys

from bqemulator.storage import type_map

original = type_map.bq_schema_to_duckdb_columns


def quoted(fields):
    return [{**field, "name": quoted_name(field["name"]), "fields": quoted(field.get("fields") or [])} for field in fields]


def quoted_name(name):
    return name if name.startswith('"') else f'"{name}"'


def columns(fields):
    return original([{**field, "fields": quoted(field.get("fields") or [])} for field in fields])


type_map.bq_schema_to_duckdb_columns = columns

from bqemulator.cli import main  # noqa: E402

sys.exit(main())
