import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { createTenant } from '../../sandbox/tenant.ts';
import { filesIn, PROJECT, run } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { rowsOf } from './compare.ts';
import { cloudPlace, DEFAULT_DATASETS } from './place.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloud-strange-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Members of records as practice sends them, by entity; each goes into a record of its own. */
const STRANGE: Readonly<Record<string, readonly string[]>> = {
  jobs: ['"completedOn":"0001-01-01T00:00:00Z"', '"completedOn":"9999-12-31T23:59:59Z"', '"projectId":7.0'],
  estimates: ['"soldOn":"0001-01-01T00:00:00"', '"name":"a","name":"a"', '"name":"a","name":"b"'],
  invoices: [
    '"invoiceDate":"0001-01-01T00:00:00Z"',
    '"total":"10.0000000000"',
    '"total":"0.3333333333333333"',
    '"total":"1.5E-05"',
    '"projectId":999999999.999999999',
    '"customer":{"id":1,"_extra":9007199254740993}',
  ],
  payments: ['"date":"0001-01-01T00:00:00Z"', '"date":"9999-12-31T00:00:00Z"'],
};

test('a night with records of every strange kind gives the same mart on BigQuery as on DuckDB', async () => {
  const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 0.05 });
  const sandbox = await startSandbox({ tenant });
  try {
    let changed = 0;
    for (const [name, members] of Object.entries(STRANGE)) {
      const records = tenant.entity(name)?.all() ?? [];
      for (const [index, member] of members.entries()) {
        const record = records[index * 7] ?? expect.fail(`${name} has too few records`);
        sandbox.change({ entity: name, json: withMember(record.json, member) });
        changed += 1;
      }
    }
    expect(changed).toBe(14);
    // Datasets of its own: a warehouse belongs to one tenant.
    const cloud = await cloudPlace();
    const laptop = filesIn(folder);
    const [local, far] = [
      await run(['nightly'], { ...settings(sandbox), ...laptop }),
      await run(['nightly'], { ...settings(sandbox), ...cloud.env }),
    ];
    expect([local.code, far.code], local.stdout + far.stdout + far.stderr).not.toContain(1);
    expect(far.code).toBe(local.code);
    const duckdb = await openDuckdb({ datasets: DEFAULT_DATASETS, personalData: 'keep' }, laptop.DUCKDB_PATH);
    try {
      const graph = await compileProject(PROJECT, {});
      let cells = 0;
      for (const { target } of graph.tables.filter(
        ({ target: { schema } }) => schema === DEFAULT_DATASETS.mart,
      )) {
        const table = target.name;
        const theirs = await rowsOf(cloud.query, `${cloud.datasets.mart}.${table}`);
        const ours = await rowsOf(duckdb.query, `${DEFAULT_DATASETS.mart}.${table}`);
        expect({ table, rows: theirs.toSorted() }).toEqual({ table, rows: ours.toSorted() });
        cells += ours.length;
      }
      expect(cells).toBeGreaterThan(1000);
      const rejected = (logs: string) =>
        `SELECT entity, record_id, errors FROM ${logs}.rejected_records ORDER BY entity, record_id`;
      const found = await duckdb.query<Record<string, string>>(rejected(DEFAULT_DATASETS.logs));
      expect(await cloud.query(rejected(cloud.datasets.logs))).toEqual(found);
      expect(found.map(({ entity, errors }) => `${entity} ${errors}`)).toEqual(
        expect.arrayContaining([
          'estimates /name: comes twice, with different values',
          'invoices /projectId: must be integer',
        ]),
      );
    } finally {
      duckdb.close();
    }
  } finally {
    await sandbox.close();
  }
});

/** The record's text with a member in place of the one of this name, or with a new one. */
function withMember(json: string, member: string): string {
  const name = /^"(\w+)"/.exec(member)?.[1] ?? '';
  const { [name]: _, ...rest } = JSON.parse(json) as Record<string, unknown>;
  return `${JSON.stringify(rest).slice(0, -1)},${member}}`;
}
