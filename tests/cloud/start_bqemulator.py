"""Starts bqemulator 1.4.0 with two corrections. Arguments are those of the `bqemulator` command.

It writes the names of nested columns into DuckDB's DDL as they are, so that a nested column `order`, which invoices have
and which BigQuery takes, is a syntax error there. Here they are quoted.

It takes `date_trunc(d, week(monday))` for a week from Sunday, or gives a timestamp. Here it gets the same day as a
difference of days.

Each of its steps parses the text of a statement again. Here it is parsed once, and each step gets a copy, which takes a third of the
time.
"""

import functools
import re
import sys

import sqlglot

parse = sqlglot.parse_one


@functools.lru_cache(maxsize=64)
def parsed(sql, read):
    return parse(sql, read=read)


def parse_once(sql, read=None, **options):
    return parse(sql, read=read, **options) if options else parsed(sql, read).copy()


# Before the modules below, which may take the function by its name.
sqlglot.parse_one = parse_once

from bqemulator.sql.translator import SQLTranslator
from bqemulator.storage import type_map

WEEK = re.compile(r"\bdate_trunc\(([^(),]+), week\((\w+)\)\)", re.IGNORECASE)
DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
translate = SQLTranslator.translate


def week_start(match):
    date, day = match[1], DAYS.index(match[2].lower())
    return f"date_sub({date}, interval mod(extract(dayofweek from {date}) + {6 - day}, 7) day)"


def translate_weeks(self, bq_sql, **kwargs):
    return translate(self, WEEK.sub(week_start, bq_sql), **kwargs)


SQLTranslator.translate = translate_weeks

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
