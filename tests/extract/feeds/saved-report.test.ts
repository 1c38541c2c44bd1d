import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../extract/api/client.ts';
import { monthsOf, readSavedReport } from '../../../extract/feeds/saved-report.ts';
import { json, scriptedServer } from '../scripted-server.ts';

/** Reads a report of two columns from a service whose answer with the rows is `body`. */
async function rowsOf(body: string, { from = '2025-10-01', parameters = [] as readonly object[] } = {}) {
  const { url, calls } = await scriptedServer({
    api: ({ method }) => (method === 'GET' ? json({ parameters }) : { body }),
  });
  const client = createClient({
    config: { authUrl: url, apiUrl: url, maxConcurrentRequests: 2, rateLimitPerSecond: 60 },
    credentials: { clientId: 'c', clientSecret: 's', tenantId: '1', appKey: 'k' },
    clock: () => new Date('2025-10-27T12:00:00Z'),
    random: () => 0.5,
    sleep: async () => {},
  });
  onTestFinished(() => client.close());
  const report = { category: 'accounting', id: '7' } as const;
  const request = {
    name: 'ar_report',
    report,
    from,
    to: '2025-10-27',
    columns: { unit: ['Unit'] },
  };
  const rows = await readSavedReport(request, {
    client,
    metrics: { calls: 0, retries: 0, bytes: 0 },
    onRetry: () => {},
    signal: new AbortController().signal,
    sleep: async () => {},
  });
  const runs = calls
    .filter(({ method }) => method === 'POST')
    .map((call) => JSON.parse(call.body).parameters);
  return { rows, runs };
}

const FIELDS = '"fields":[{"name":"Unit"}]';

describe('the rows of a saved report', () => {
  test('a report is read whichever way its members are spelled', async () => {
    const { rows } = await rowsOf('{"Fields":[{"Name":"Unit"}],"Data":[["A"]],"HasMore":false}');
    expect(rows).toEqual([{ unit: 'A' }]);
  });

  test('a report with From and To is run for each month, and one as of a day once', async () => {
    const parameters = ['From', 'To'].map((name) => ({ name, isRequired: true }));
    const body = `{${FIELDS},"data":[["A"]],"hasMore":false}`;
    const range = await rowsOf(body, { from: '2025-08-30', parameters });
    expect(range.runs.map((run: { value: string }[]) => run.map(({ value }) => value))).toEqual([
      ['2025-08-30', '2025-08-31'],
      ['2025-09-01', '2025-09-30'],
      ['2025-10-01', '2025-10-27'],
    ]);
    expect(range.rows).toHaveLength(3);
    const asOf = await rowsOf(body, { from: '2025-08-30', parameters: [{ name: 'AsOf', isRequired: true }] });
    expect(asOf.runs).toEqual([[{ name: 'AsOf', value: '2025-10-27' }]]);
  });

  test.each([
    ['2025-12-31', '2026-01-01', ['2025-12-31..2025-12-31', '2026-01-01..2026-01-01']],
    ['2024-02-01', '2024-02-29', ['2024-02-01..2024-02-29']],
    ['2025-10-27', '2025-10-27', ['2025-10-27..2025-10-27']],
  ])('the months from %s to %s cover each day once', (from, to, expected) => {
    expect(monthsOf({ from, to }).map((month) => `${month.from}..${month.to}`)).toEqual(expected);
  });

  test.each([
    ['data twice', `{${FIELDS},"data":[["A"]],"data":[],"hasMore":false}`, 'a member comes twice'],
    ['Data beside data', `{${FIELDS},"data":[["A"]],"Data":[],"hasMore":false}`, 'in two spellings'],
    [
      'an error beside no rows',
      `{${FIELDS},"data":[],"errors":["Busy"]}`,
      'a member of error answers, errors',
    ],
    ['hasMore as text', `{${FIELDS},"data":[["A"]],"hasMore":"true"}`, 'hasMore is neither true nor false'],
  ])('an answer that is no report is an error and never an empty report: %s', async (_, body, reason) => {
    await expect(rowsOf(body)).rejects.toThrow(reason);
  });
});
