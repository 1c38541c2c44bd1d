import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { isNewestVersion } from '../../extract/load/newest-version.ts';
import { note } from './ledger.ts';

/** The contents of a warehouse file for one entity, without times and run ids. */
interface EntityState {
  readonly cursor: { readonly token: string | null; readonly watermark: string | null };
  /** `id modifiedOn hash` of every version, sorted. */
  readonly versions: readonly string[];
  /** The same for the newest version per id, which a staging view would pick. */
  readonly newest: readonly string[];
  readonly rejected: readonly string[];
}

export type State = Readonly<Record<string, EntityState>>;

const VERSION = `concat_ws(' ', id, coalesce(strftime(modifiedOn, '%Y-%m-%dT%H:%M:%S.%f'), '-'), _row_hash)`;
const NEWEST = `QUALIFY ${isNewestVersion('id', 'modifiedOn')}`;

/** Reads raw tables, rejected records and cursors of these entities from a file that no process has open. */
export async function stateOf(path: string, names: readonly string[]): Promise<State> {
  return reading(path, async (query) => {
    const state: Record<string, EntityState> = {};
    for (const name of names) state[name] = await entityState(query, name);
    return state;
  });
}

type Query = (sql: string) => Promise<readonly Record<string, Json>[]>;

async function reading<T>(path: string, work: (query: Query) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await work(async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function entityState(query: Query, name: string): Promise<EntityState> {
  const texts = async (sql: string) => (await query(sql)).map(({ text }) => String(text)).sort();
  const [cursor] = await query(
    `SELECT continuation_token, watermark::VARCHAR AS watermark, lease_owner
     FROM st_logs_v2.sync_state WHERE entity = '${name}'`,
  );
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    cursor: { token: text(cursor?.continuation_token), watermark: text(cursor?.watermark) },
    versions: await texts(`SELECT ${VERSION} AS text FROM st_raw_v2.raw_${name}`),
    newest: await texts(`SELECT ${VERSION} AS text FROM st_raw_v2.raw_${name} ${NEWEST}`),
    rejected: await texts(
      `SELECT DISTINCT coalesce(record_id, '-') || ' ' || errors AS text
       FROM st_logs_v2.rejected_records WHERE entity = '${name}'`,
    ),
  };
}

/** What `found` lacks, has twice or has in addition, compared with `expected`. */
export function differences(
  found: State,
  expected: State,
  options: {
    /** Changes during a run may add versions; the newest version must be the same. */
    readonly moreVersions?: boolean;
    readonly cursor?: boolean;
  } = {},
): readonly string[] {
  const told: string[] = [];
  let rowsCompared = 0;
  for (const [name, wanted] of Object.entries(expected)) {
    const have = found[name];
    if (!have) return [`${name} is missing`];
    rowsCompared += have.versions.length + have.newest.length;
    const tell = (what: string, lines: readonly string[]) => {
      if (lines.length > 0) told.push(`${name}: ${what} ${lines.slice(0, 3).join(', ')} (${lines.length})`);
    };
    const lost = without(wanted.versions, have.versions);
    const beyond = without(have.versions, wanted.versions);
    note({ lost: lost.length, doubled: beyond.length > 0 && !options.moreVersions ? beyond.length : 0 });
    tell('lost', lost);
    if (!options.moreVersions) tell('has beyond', beyond);
    tell('newest is not', without(wanted.newest, have.newest));
    tell('newest is', without(have.newest, wanted.newest));
    tell('rejected beyond', without(have.rejected, wanted.rejected));
    tell('rejected lacks', without(wanted.rejected, have.rejected));
    if (options.cursor !== false && JSON.stringify(have.cursor) !== JSON.stringify(wanted.cursor)) {
      told.push(`${name}: cursor ${JSON.stringify(have.cursor)} instead of ${JSON.stringify(wanted.cursor)}`);
    }
  }
  note({ rowsCompared });
  return told;
}

/** The lines of `a` that `b` lacks, each as often as `b` lacks it. */
function without(a: readonly string[], b: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of b) left.set(line, (left.get(line) ?? 0) + 1);
  return a.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/** False statements in the log of a warehouse. There must be none after any run, however it ended. */
export function untruths(path: string, names: readonly string[]): Promise<readonly string[]> {
  return reading(path, (query) => untruthsIn(query, names));
}

async function untruthsIn(query: Query, names: readonly string[]): Promise<readonly string[]> {
  const told: string[] = [];
  for (const name of names) {
    const [row] = await query(
      `WITH versions AS (
         SELECT id, _row_hash, lag(_row_hash) OVER (
           PARTITION BY id ORDER BY _generation, modifiedOn NULLS FIRST, _extracted_at) AS hash_before
         FROM st_raw_v2.raw_${name}),
       good AS (FROM st_logs_v2.ingestion_logs WHERE entity = '${name}' AND status = 'success'),
       -- A replay tells anew of every row that stands.
       log AS (
         FROM good WHERE start_time >= coalesce(
           (SELECT max(start_time) FROM good WHERE mode = 'replay'), '-infinity'))
       SELECT
         (SELECT count(*) FROM st_raw_v2.raw_${name}) AS stand,
         (SELECT coalesce(sum(records_new), 0) FROM log) AS told,
         (SELECT count(*) FROM log WHERE records_landed <> records_loaded) AS unloaded,
         (SELECT count(*) FROM versions WHERE _row_hash = hash_before) AS doubled`,
    );
    if (row?.stand !== row?.told)
      told.push(`${name}: ${row?.told} rows are reported as new, ${row?.stand} stand`);
    if (row?.unloaded !== '0') told.push(`${name}: ${row?.unloaded} runs report rows that were not loaded`);
    if (row?.doubled !== '0') told.push(`${name}: ${row?.doubled} versions stand twice in a row`);
  }
  return told;
}

/** For the newest version of each record: the field that changes mark, and the balance. */
export function marksOf(path: string): Promise<ReadonlyMap<string, string>> {
  const fields = { jobs: 'summary', invoices: 'referenceNumber', payrolls: 'status', campaigns: 'name' };
  return reading(path, async (query) => {
    const marks = new Map<string, string>();
    for (const [name, field] of Object.entries(fields)) {
      const balance = name === 'invoices' ? 'balance::DOUBLE' : 'NULL';
      const found = await query(
        `SELECT id::VARCHAR AS id, coalesce(${field}, '-') AS mark, ${balance} AS balance
         FROM st_raw_v2.raw_${name} ${NEWEST}`,
      );
      for (const { id, mark, balance: left } of found) marks.set(`${name} ${id}`, `${mark} ${left ?? '-'}`);
    }
    return marks;
  });
}
