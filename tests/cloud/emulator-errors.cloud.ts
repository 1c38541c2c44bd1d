import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { googleSqlRows } from '../engine/engines.ts';
import { type CloudPlace, cloudPlace } from './place.ts';

/** SQL that bqemulator reads wrongly, the equal SQL that the models use instead, and the right answer. */
const MISREAD = [
  {
    name: 'branches rounded to several digits are cut to those of the first',
    before:
      "select case when d = 0 then round(v, 0) else round(v, 1) end as x from (select 1 as d, numeric '58.34' as v)",
    now: "select case when d = 0 then cast(round(v, 0) as numeric) else cast(round(v, 1) as numeric) end as x from (select 1 as d, numeric '58.34' as v)",
    right: '58.3',
    emulator: '58.000000000',
  },
  {
    name: 'grouping by an alias that is also a column of two tables is refused',
    before:
      'select coalesce(a.x, b.x) as x from (select 1 as x) as a left join (select 1 as x) as b on b.x = a.x group by x',
    now: 'select x from (select coalesce(a.x, b.x) as x from (select 1 as x) as a left join (select 1 as x) as b on b.x = a.x) group by x',
    right: '1',
    emulator: 'ERROR',
  },
] as const;

let engine: GoogleSql;
let place: CloudPlace;
beforeAll(async () => {
  [engine, place] = await Promise.all([startGoogleSql(), cloudPlace()]);
});
afterAll(() => engine.close());

async function emulatorSays(sql: string): Promise<string> {
  return place.query<{ x: string }>(sql).then(
    ([row]) => row?.x ?? '',
    () => 'ERROR',
  );
}

/** `58.300000000` and `58.3` are one number. */
const value = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? String(Number(text)) : text);

describe('known errors of the BigQuery emulator', () => {
  test.each(
    MISREAD.map((one) => [one.name, one] as const),
  )('GoogleSQL confirms an error of the BigQuery emulator: %s', async (_, {
    before,
    now,
    right,
    emulator,
  }) => {
    expect(await googleSqlRows(engine, before, [])).toEqual([[right]]);
    expect(await googleSqlRows(engine, now, [])).toEqual([[right]]);
    expect(value(await emulatorSays(now))).toBe(right);
    // When an upgrade of the emulator answers correctly, remove this case and its line in docs/emulators.md.
    expect(await emulatorSays(before)).toBe(emulator);
  });
});

test.each([
  ["select date_trunc(date '2025-10-26', week(monday)) as x", '2025-10-20'],
  ["select date_trunc(date '2025-10-26', week(sunday)) as x", '2025-10-26'],
  ["select date_trunc(d, week(monday)) as x from unnest([date '2025-10-28']) as d", '2025-10-27'],
])('the emulator as it is started here begins a week on the named day: %s', async (sql, monday) => {
  expect(await emulatorSays(sql)).toBe(monday);
});
