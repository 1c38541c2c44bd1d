import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../extract/api/client.ts';
import { readSavedReport } from '../../../extract/feeds/saved-report.ts';
import { json, scriptedServer } from '../scripted-server.ts';

/** Reads a report of two columns from a service whose answer with the rows is `body`. */
async function rowsOf(body: string) {
  const { url } = await scriptedServer({
    api: ({ method }) => (method === 'GET' ? json({ parameters: [] }) : { body }),
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
    from: '2025-10-01',
    to: '2025-10-27',
    columns: { unit: ['Unit'] },
  };
  return readSavedReport(request, {
    client,
    metrics: { calls: 0, retries: 0, bytes: 0 },
    onRetry: () => {},
    signal: new AbortController().signal,
    sleep: async () => {},
  });
}

const FIELDS = '"fields":[{"name":"Unit"}]';

describe('the rows of a saved report', () => {
  test('a report is read whichever way its members are spelled', async () => {
    expect(await rowsOf('{"Fields":[{"Name":"Unit"}],"Data":[["A"]],"HasMore":false}')).toEqual([
      { unit: 'A' },
    ]);
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
