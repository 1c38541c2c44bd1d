import { type JsonSchema, propertyAt } from '../../schemas/columns.ts';
import { findEntity } from '../../schemas/entities.ts';
import type { Config } from '../config.ts';
import type { Drift, DriftFinding, DriftKind } from '../landing/drift.ts';
import type { Query } from '../load/warehouse.ts';
import { MIN_RECORDS } from '../pages/drift.ts';

/** One difference between an entity's records and its schema, over all runs. */
export interface DriftRow {
  readonly entity: string;
  readonly kind: DriftKind;
  readonly field: string;
  readonly details: readonly string[];
  readonly first: Sighting;
  readonly last: Sighting;
  /** Records with this difference. A record that was read in two runs counts twice. */
  readonly records: number;
}

interface Sighting {
  readonly run: string;
  readonly date: string;
}

/** Rejected records of an entity that have the same errors. */
export interface RejectedRow {
  readonly entity: string;
  readonly errors: string;
  readonly records: string;
  /** Run dates, `YYYY-MM-DD`; null if the log does not have the run. */
  readonly first: string | null;
  readonly last: string | null;
}

interface LoggedRun {
  readonly entity: string;
  readonly run_id: string;
  readonly run_date: string;
  readonly drift: string;
}

/**
 * Reads from the log the schema drift that still exists with the current schemas.
 *
 * A new field that has become a column, a new value that is now documented, and an entity that was removed are left out. A
 * missing field is listed if earlier records had it and none has it since.
 */
export async function readDrift(options: {
  readonly query: Query;
  readonly datasets: Config['datasets'];
  readonly schemaOf: (entity: string) => JsonSchema;
}): Promise<readonly DriftRow[]> {
  const { query, datasets, schemaOf } = options;
  const runs = await query<LoggedRun>(
    `select entity, run_id, cast(run_date as string) as run_date, drift
     from ${datasets.logs}.ingestion_logs
     where status = 'success' and drift is not null
     order by entity, start_time, run_id`,
  );
  // The log keeps the runs of an entity that was removed, which has no schema any more.
  const names = [...new Set(runs.map(({ entity }) => entity))].filter((name) => findEntity(name));
  return names.flatMap((name) =>
    driftOf(
      runs.filter(({ entity }) => entity === name),
      schemaOf(name),
    ),
  );
}

/** Counts the records that are still rejected, by their errors. */
export function readRejected(query: Query, datasets: Config['datasets']): Promise<readonly RejectedRow[]> {
  return query<RejectedRow>(
    `select r.entity, r.errors, cast(count(*) as string) as records,
       cast(min(l.run_date) as string) as first, cast(max(l.run_date) as string) as last
     from ${datasets.logs}.rejected_records as r
     left join ${datasets.logs}.ingestion_logs as l on l.entity = r.entity and l.run_id = r.run_id
     group by r.entity, r.errors
     order by r.entity, r.errors`,
  );
}

function driftOf(runs: readonly LoggedRun[], schema: JsonSchema): readonly DriftRow[] {
  const rows = new Map<string, DriftRow>();
  const seenFields = new Set<string>();
  for (const run of runs) {
    const { records, findings }: Drift = JSON.parse(run.drift);
    const missing = new Set(findings.filter(isMissing).map(({ field }) => field));
    for (const finding of findings) {
      if (isMissing(finding) && !seenFields.has(finding.field)) continue;
      const key = `${finding.kind} ${finding.field}`;
      rows.set(key, mergeFinding(rows.get(key), finding, run));
    }
    if (records < MIN_RECORDS) continue;
    for (const name of Object.keys(schema.properties ?? {})) {
      if (missing.has(`/${name}`)) continue;
      seenFields.add(`/${name}`);
      rows.delete(`missing field /${name}`);
    }
  }
  return [...rows.values()].flatMap((row) => withoutDocumented(row, schema));
}

function isMissing({ kind }: DriftFinding): boolean {
  return kind === 'missing field';
}

function mergeFinding(before: DriftRow | undefined, finding: DriftFinding, run: LoggedRun): DriftRow {
  const sighting = { run: run.run_id, date: run.run_date };
  return {
    entity: run.entity,
    kind: finding.kind,
    field: finding.field,
    details: [...new Set([...(before?.details ?? []), ...finding.details])].sort(),
    first: before?.first ?? sighting,
    last: sighting,
    records: (before?.records ?? 0) + finding.records,
  };
}

/** The row without fields and values that the schema now documents; empty if nothing is left. */
function withoutDocumented(row: DriftRow, schema: JsonSchema): readonly DriftRow[] {
  const property = propertyAt(schema, row.field);
  if (row.kind === 'new field') return property === undefined ? [row] : [];
  if (row.kind !== 'new value') return [row];
  const known = new Set((property?.['x-known-values'] ?? []).map(String));
  const details = row.details.filter((value) => !known.has(value));
  return details.length > 0 ? [{ ...row, details }] : [];
}
