import { beforeAll, describe, expect, test, vi } from 'vitest';
import { priceSummary } from '../../../app/cli/dry-run.ts';
import { dollars, type PricedAction, priceActions, refuseAbove } from '../../../engine/bigquery/price.ts';
import { runDataform } from '../../../engine/bigquery/run-graph.ts';
import { compileProject } from '../../../engine/compile.ts';
import { bigqueryClient } from '../../../extract/load/bigquery/client.ts';
import { json, scriptedServer } from '../../extract/scripted-server.ts';
import { smallProject } from '../small-project.ts';

const MIB = 2 ** 20;
const PLACE = { projectId: 'acme', location: 'US', maximumBytesBilled: null };

// Without credentials the client looks for Google's metadata server, which takes seconds.
beforeAll(() => vi.stubEnv('METADATA_SERVER_DETECTION', 'none'));

/** A BigQuery without tables. A word in the text of a query decides how much the query would read. */
async function bigquery() {
  const server = await scriptedServer({
    api({ method, path, body }) {
      if (method === 'GET' && path.endsWith('/datasets')) return json({ datasets: [] });
      if (method === 'GET') return json({ error: { code: 404, errors: [{ reason: 'notFound' }] } }, 404);
      const { configuration } = JSON.parse(body) as {
        configuration: { dryRun: boolean; query: { query: string } };
      };
      expect(configuration.dryRun).toBe(true);
      const sql = configuration.query.query;
      if (sql.includes('missing')) {
        const message = 'Not found: Table acme:mart.later was not found in location US';
        return json({ error: { code: 404, message, errors: [{ reason: 'notFound', message }] } }, 404);
      }
      const bytes = sql.includes('large') ? 5000 * MIB : sql.includes('nothing') ? 0 : 3 * MIB;
      const query = { totalBytesProcessed: String(bytes), referencedTables: [{}, {}] };
      return json({ status: { state: 'DONE' }, statistics: { query } });
    },
  });
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', `${server.url}/bigquery/v2`);
}

async function project(definitions: Readonly<Record<string, string>>) {
  await bigquery();
  const projectDir = smallProject(definitions);
  const graph = await compileProject(projectDir, {}, { database: 'acme' });
  const { request } = bigqueryClient(PLACE);
  return { projectDir, graph, place: PLACE, request, signal: new AbortController().signal };
}

async function priced(definitions: Readonly<Record<string, string>>): Promise<readonly PricedAction[]> {
  return priceActions(await project(definitions));
}

describe('prices of a dry run', () => {
  test('a dry run prices at least 10 MiB per table and nothing for a view, and names a missing table', async () => {
    const actions = await priced({
      large: "config { type: 'table' } select 'large' as size",
      small: "config { type: 'table' } select 'small' as size",
      nothing: "config { type: 'table' } select 'nothing' as size",
      shown: "config { type: 'view' } select 'large' as size",
      checked: "config { type: 'assertion' } select 'large' as size",
      later: "config { type: 'table' } select 'missing' as size",
    });
    const byName = Object.fromEntries(actions.map(({ name, ...action }) => [name, action]));
    expect(byName).toEqual({
      large: { kind: 'table', bytesProcessed: 5000 * MIB, bytesBilled: 5000 * MIB },
      small: { kind: 'table', bytesProcessed: 3 * MIB, bytesBilled: 20 * MIB },
      nothing: { kind: 'table', bytesProcessed: 0, bytesBilled: 0 },
      shown: { kind: 'view', bytesProcessed: 5000 * MIB, bytesBilled: 0 },
      checked: { kind: 'assertion', bytesProcessed: 5000 * MIB, bytesBilled: 5000 * MIB },
      later: {
        kind: 'table',
        bytesProcessed: null,
        bytesBilled: null,
        reason: 'Not found: Table acme:mart.later was not found in location US',
      },
    });
    // 5,000 + 20 + 0 + 0 + 5,000 MiB of 1,048,576 in a TiB, at 6.25
    expect(priceSummary(actions, 6.25)).toContain(
      '5 actions would bill at least 10020.0 MiB: 0.0597 USD at 6.25 USD a TiB. Nothing was run.',
    );
  });

  test('a dry run prices one TiB at the configured dollars per TiB', () => {
    expect(dollars(2 ** 40, 6.25)).toBe(6.25);
  });
});

describe('a run with BQ_MAXIMUM_BYTES_BILLED', () => {
  test('a run over BQ_MAXIMUM_BYTES_BILLED names the expensive actions and runs none', async () => {
    const options = await project({
      large: "config { type: 'table' } select 'large' as size",
      small: "config { type: 'table' } select 'small' as size",
      shown: "config { type: 'view' } select 'large' as size",
      checked: "config { type: 'assertion' } select 'large' as size",
      later: "config { type: 'table' } select 'missing' as size",
    });
    const run = (maximumBytesBilled: string) =>
      runDataform({
        ...options,
        place: { ...PLACE, maximumBytesBilled },
        query: async () => [],
        runId: 'run-1',
        onResult: () => {},
        onJob: () => {},
      });
    // 5,000 MiB each; the small table bills 20 MiB, the least for two tables.
    await expect(run(String(5000 * MIB - 1))).rejects.toMatchObject({
      message: `large, checked would bill more than the ${5000 * MIB - 1} bytes of BQ_MAXIMUM_BYTES_BILLED, so no model was run`,
      remedy: 'Raise or unset BQ_MAXIMUM_BYTES_BILLED; `transform --dry-run` shows the price of each action.',
    });
    await expect(run(String(20 * MIB - 1))).rejects.toThrow(/^large, small, checked would bill/);
    await refuseAbove(String(5000 * MIB), options);
  });
});
