import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { verdictSummary } from '../../../app/cli/summary.ts';
import type { ReportData } from '../../../app/report/data.ts';
import { entities } from '../../../schemas/entities.ts';
import { reportData } from '../report/data.ts';

/** The lines of the summary that tell of something RED. */
function redLines(change: Partial<ReportData>): readonly string[] {
  const text = verdictSummary({ ...reportData(), movements: [], ...change });
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.filter((line) => line.startsWith('RED'));
}

const [row] = reportData().reconciliation;
const without = Array.from({ length: 5 }, (_, day) => ({
  ...(row ?? expect.fail('there is no row')),
  period_start: `2025-10-0${day + 1}`,
  our_value: null,
}));

describe('the findings of a night whose entities could not be read', () => {
  test('up to three unread entities have a line each, more are one line', () => {
    const line = (name: string) => `RED  ${name} was not read for 2025-10-27: its figures are older`;
    expect(redLines({ unread: ['jobs', 'payments'], reconciliation: [] })).toEqual([
      line('jobs'),
      line('payments'),
    ]);
    expect(redLines({ unread: ['a', 'b', 'c', 'd'], reconciliation: [] })).toEqual([
      'RED  4 entities were not read for 2025-10-27: a, b, c, d; their figures are older',
    ]);
  });

  test('screen values without a value of ours are one line beside unread entities, and listed without them', () => {
    const reconciliation = [...without, ...reportData().reconciliation];
    expect(redLines({ reconciliation })).toEqual([
      'RED  payments was not read for 2025-10-27: its figures are older',
      'RED  5 screen values have no value of ours: entities were not read',
      expect.stringContaining('RED  total_booked Nevada-Sales 2025-08-18: screen $27,150'),
    ]);
    expect(redLines({ reconciliation, unread: [] })).toHaveLength(6);
  });

  test('if no entity was read, one line says what follows', () => {
    const unread = entities.map(({ name }) => name);
    expect(redLines({ unread, reconciliation: without })).toEqual([
      'RED  no entity was read for 2025-10-27; 7 screen values and assertions are not GREEN because of it',
    ]);
  });
});
