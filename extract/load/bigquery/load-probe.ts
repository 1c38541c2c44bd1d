import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual, promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BigqueryField } from '../../../schemas/columns.ts';
import type { Landing } from '../../landing/landing.ts';
import { sha256 } from '../../landing/manifest.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryError } from './errors.ts';
import type { Jobs } from './jobs.ts';
import { createLoadTable, objectsJob } from './load-tables.ts';
import { type Cell, rowsOf } from './rows.ts';
import { quoted } from './sql.ts';
import { ifFound, prepareDataset } from './tables.ts';

const field = (name: string, type: string, more: Partial<BigqueryField> = {}): BigqueryField => ({
  ...{ name, type, mode: 'NULLABLE' },
  ...more,
});

/** What load jobs are said to do differently: digits, NULL for a repeated field, JSON, microseconds, nested records. */
const FIELDS: readonly BigqueryField[] = [
  field('id', 'INTEGER'),
  field('amount', 'NUMERIC'),
  field('wide', 'NUMERIC'),
  field('tags', 'STRING', { mode: 'REPEATED' }),
  field('document', 'JSON'),
  field('seen_at', 'TIMESTAMP'),
  field('lines', 'RECORD', {
    mode: 'REPEATED',
    fields: [
      field('sku', 'STRING'),
      field('parts', 'RECORD', { mode: 'REPEATED', fields: [field('cost', 'NUMERIC')] }),
    ],
  }),
];

/** As text, because no digit may pass through a number of this process. */
const LINE = `{"id":9007199254740991,"amount":123456789012.345,"wide":"12345678901234567890.123456789","tags":null,"document":{"code":"007","count":3,"none":null},"seen_at":"2025-10-27T12:00:00.123456Z","lines":[{"sku":"a","parts":[{"cost":0.1},{"cost":"99999999999999999999.000000001"}]},{"sku":"b","parts":[]}]}\n`;

const EXPECTED: Readonly<Record<string, Cell>> = {
  id: '9007199254740991',
  amount: '123456789012.345000000',
  wide: '12345678901234567890.123456789',
  tags: [],
  document: '{"code":"007","count":3,"none":null}',
  seen_at: '2025-10-27 12:00:00.123456+00',
  lines: [
    { sku: 'a', parts: [{ cost: '0.100000000' }, { cost: '99999999999999999999.000000001' }] },
    { sku: 'b', parts: [] },
  ],
};

const LABELS = { run: 'doctor', entity: 'doctor' };
const ENDED = 'doctor ends this transaction';

/** Loads one known row as a night loads a page. Call the steps in order, each as often as it fails, and at last `remove`. */
export function loadProbe(options: {
  readonly client: BigqueryClient;
  readonly jobs: Jobs;
  readonly landing: Landing;
  readonly datasetId: string;
  readonly now: Date;
}) {
  const { client, jobs, landing, datasetId, now } = options;
  const tableId = `load_doctor_${randomBytes(6).toString('hex')}`;
  const table = `${quoted(datasetId)}.${quoted(tableId)}`;
  let isNewDataset = false;
  const select = async (sql: string) => rowsOf(client, await jobs.query(sql, LABELS));

  return {
    /** Creates the table, which expires after a day in case `remove` is never called. */
    async create(): Promise<void> {
      isNewDataset = (await prepareDataset(client, datasetId)) || isNewDataset;
      await createLoadTable(client, datasetId, tableId, FIELDS, now);
    },

    /** Writes the object, always the same one, because a bucket deletes none; and loads it by a job. */
    async load(): Promise<void> {
      const bytes = await promisify(gzip)(LINE);
      const path = `_doctor/load-${sha256(bytes).slice(0, 8)}.ndjson.gz`;
      await landing.put(path, bytes);
      await landing.get(path);
      const destinationTable = { projectId: client.projectId, datasetId, tableId };
      const load = { uris: [landing.uri(path)], fields: FIELDS, ignoreUnknownValues: false, labels: LABELS };
      await jobs.run(`${tableId}_${randomUUID()}`, objectsJob(destinationTable, load));
    },

    /** Where the row that is read back differs from the one that was loaded: `amount is 1.5 instead of 1.25`. */
    async differences(): Promise<readonly string[]> {
      const rows = await select(`SELECT * FROM ${table}`);
      const [row] = rows;
      if (row === undefined || rows.length > 1) return [`the table has ${rows.length} rows instead of 1`];
      return Object.entries(EXPECTED).flatMap(([name, expected]) =>
        isEqual(name, row[name], expected)
          ? []
          : [`${name} is ${JSON.stringify(row[name])} instead of ${JSON.stringify(expected)}`],
      );
    },

    /** Ends a transaction by an error on purpose. Returns what went wrong, or undefined if it left nothing. */
    async rollBack(): Promise<string | undefined> {
      const statements = [
        'BEGIN TRANSACTION',
        `INSERT INTO ${table} (id) VALUES (2)`,
        `SELECT ERROR('${ENDED}')`,
        'COMMIT TRANSACTION',
      ];
      const failure = await jobs.query(`${statements.join(';\n')};`, LABELS).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return 'a script went on after error(), so it committed what it must not';
      const isOurs = failure instanceof BigqueryError && failure.find(new RegExp(ENDED)) !== null;
      if (!isOurs) throw failure;
      const [row] = await select(`SELECT COUNT(*) AS kept FROM ${table} WHERE id = 2`);
      return row?.kept === '0'
        ? undefined
        : 'a transaction that ended with error() left its row in the table';
    },

    async remove(): Promise<void> {
      await ifFound(client.request('DELETE', `/datasets/${datasetId}/tables/${tableId}`));
      if (isNewDataset) await ifFound(client.request('DELETE', `/datasets/${datasetId}`));
    },
  };
}

/** JSON may come back with other spaces. */
function isEqual(name: string, got: Cell | undefined, expected: Cell): boolean {
  if (name !== 'document') return isDeepStrictEqual(got, expected);
  try {
    return isDeepStrictEqual(JSON.parse(String(got)), JSON.parse(String(expected)));
  } catch {
    return false;
  }
}

interface JobList {
  readonly jobs?: readonly { readonly configuration?: { readonly jobType?: string } }[];
  readonly nextPageToken?: string;
}

/** Load jobs that this account started since then. */
export async function loadJobsSince(client: BigqueryClient, since: Date): Promise<number> {
  let count = 0;
  let pageToken: string | undefined;
  do {
    const query = {
      ...{ minCreationTime: String(since.getTime()), maxResults: '1000', projection: 'minimal' },
      ...(pageToken !== undefined && { pageToken }),
    };
    const list = await client.request<JobList>('GET', '/jobs', { query });
    count += (list.jobs ?? []).filter(({ configuration }) => configuration?.jobType === 'LOAD').length;
    pageToken = list.nextPageToken;
  } while (pageToken !== undefined);
  return count;
}
