import { expect, test } from 'vitest';
import type { LoggedRun } from '../../../app/serve/history.ts';
import { endedRunPage, runningPage } from '../../../app/serve/pages/run-pages.tsx';

const row = (entity_type: string, status: string, error_message: string | null = null): LoggedRun => ({
  ...{ entity_type, status, error_message, run_id: '20251027T090000000Z-abc123', mode: 'incremental' },
  ...{ start_time: '2025-10-27T09:00:00Z', end_time: '2025-10-27T09:01:00Z', duration_ms: 60_000 },
  ...{ records_fetched: 10, records_inserted: 2 },
});

function textOf(html: string): string {
  return html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

const RUN = { runId: '20251027T090000000Z-abc123', run: undefined, timeZone: 'America/Phoenix' } as const;

test('the page of a run says what failed, why and since when, what that touches, that nothing is lost, and what to type', () => {
  const entities = [
    row('jobs', 'success'),
    row('payments', 'failed', 'answered 500'),
    row('estimates', 'abandoned'),
  ];
  const reads = [
    { entity: 'payments', readAt: '2025-10-26T09:01:00.000Z' },
    { entity: 'estimates', readAt: null },
  ];
  const page = textOf(endedRunPage({ ...RUN, entities, reads }));
  expect(page).toContain('1 of 3 entities loaded, 2 failed, from 27 Oct 2025, 02:00 to 27 Oct 2025, 02:01');
  expect(page).toContain(
    'payments was last read to its end at 26 Oct 2025, 02:01; estimates was never read to its end. Nothing is lost',
  );
  expect(page).toContain('these numbers lack what came since: Close rate, Booked, Collected.');
  expect(page).toContain('Then npm run nightly continues where it stopped.');
  expect(page).toContain('answered 500');
  expect(page.indexOf('estimates incremental')).toBeLessThan(page.indexOf('jobs incremental'));
});

test('the page of a run whose failed part was read later asks for nothing', () => {
  const entities = [row('jobs', 'success'), row('payments', 'failed', 'answered 500')];
  const reads = [{ entity: 'payments', readAt: '2025-10-28T09:01:00.000Z' }];
  const page = textOf(endedRunPage({ ...RUN, entities, reads }));
  expect(page).toContain('What failed has been read to its end since.');
  expect(page).not.toContain('To do');
});

test('the page of a run that loaded everything asks for nothing', () => {
  const page = textOf(endedRunPage({ ...RUN, entities: [row('jobs', 'success')], reads: [] }));
  expect(page).toContain('1 of 1 entity loaded, from');
  expect(page).not.toContain('npm run');
});

test('the page of a run that runs now says what each entity waits for', () => {
  const entity = (phase: string, note = '') => ({ phase, note, rows: 5, pages: 1, startedAt: null });
  const entities = {
    jobs: entity('reading'),
    payments: entity('loading'),
    projects: entity('waiting'),
    estimates: entity('reading', 'waits 8 s: the service answered 429'),
    invoices: entity('done', '3 new'),
  };
  const running = {
    ...{ kind: 'nightly', runDate: '2025-10-27', runId: 'r', pid: 1, entities },
    ...{ startedAt: '2025-10-27T09:00:00Z', models: { passed: 0, failed: 0, last: null } },
  };
  const page = textOf(runningPage(running as never, new Date('2025-10-27T09:00:30Z')));
  for (const text of ['the next page', 'the warehouse', 'its turn', 'waits 8 s', '3 new'])
    expect(page).toContain(text);
});
