import { basename } from 'node:path';

/**
 * Reserved words of GoogleSQL
 * (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords).
 */
const GOOGLE_SQL = `
  all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube current
  default define desc distinct else end enum escape except exclude exists extract false fetch following for from full
  group grouping groups hash having if ignore in inner intersect interval into is join lateral left like limit lookup
  merge natural new no not null nulls of on or order outer over partition preceding proto qualify range recursive
  respect right rollup rows select set some struct tablesample then to treat true unbounded union unnest using when
  where window with within`;

/** Further reserved words of DuckDB, and its own schemas and databases. */
const DUCKDB = `
  analyse analyze anti asof asymmetric authorization binary both check collation column columns concurrently constraint
  deferrable describe do foreign freeze generated glob ilike initially isnull lambda leading map notnull offset only
  overlaps pivot pivot_longer pivot_wider placing positional primary references returning semi show similar summarize
  symmetric table trailing try_cast unpack unpivot variadic verbose
  information_schema pg_catalog system temp`;

const RESERVED: ReadonlySet<string> = new Set(`${GOOGLE_SQL} ${DUCKDB}`.trim().split(/\s+/));

/** What a dataset holds. */
type Role = 'raw' | 'stage' | 'mart' | 'logs';

const VARIABLES: Readonly<Record<Role, string>> = {
  raw: 'BQ_DATASET_RAW',
  stage: 'BQ_DATASET_STAGE',
  mart: 'BQ_DATASET_MART',
  logs: 'BQ_DATASET_LOGS',
};

/**
 * Why dataset names cannot be used, each with its variable and what to write; no message shows a name.
 *
 * @param duckdbPath undefined for BigQuery.
 */
export function datasetProblems(
  datasets: Readonly<Record<Role, string>>,
  duckdbPath: string | undefined,
): readonly string[] {
  // DuckDB names a database after its file, up to the first point, and takes its name for a schema's.
  const ownName = duckdbPath === undefined ? undefined : basename(duckdbPath).split('.')[0]?.toLowerCase();
  const named = Object.entries(VARIABLES) as readonly (readonly [Role, string])[];
  return named.flatMap(([key, variable], index) => {
    const name = datasets[key].toLowerCase();
    if (RESERVED.has(name))
      return [`${variable} is a word that SQL reserves; write another name, such as st_${key}_v2`];
    if (name === ownName)
      return [`${variable} is the name of the file in DUCKDB_PATH; write another name, such as st_${key}_v2`];
    const twin = named.slice(0, index).find(([other]) => datasets[other].toLowerCase() === name);
    if (twin === undefined || datasets[twin[0]] === datasets[key]) return [];
    return [
      `${variable} and ${twin[1]} differ only in case, which DuckDB ignores; write two different names`,
    ];
  });
}
