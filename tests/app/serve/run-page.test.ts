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

test('the page of a run says what failed and why, that nothing is lost, and what one can type', () => {
  const rows = [
    row('jobs', 'success'),
    row('payments', 'failed', 'answered 500'),
    row('estimates', 'abandoned'),
  ];
  const page = textOf(endedRunPage('20251027T090000000Z-abc123', undefined, rows, 'America/Phoenix'));
  expect(page).toContain('1 of 3 entities loaded, 2 failed, from 27 Oct 2025, 02:00 to 27 Oct 2025, 02:01');
  expect(page).toContain('Nothing is lost');
  expect(page).toContain('To read it now: npm run extract -- payments estimates .');
  expect(page).toContain('answered 500');
});

test('the page of a run that loaded everything asks for nothing', () => {
  const page = textOf(endedRunPage('20251027T090000000Z-abc123', undefined, [row('jobs', 'success')], 'UTC'));
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
