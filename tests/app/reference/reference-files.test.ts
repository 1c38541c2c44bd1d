import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readReference } from '../../../app/reference/reference-files.ts';
import { ConfigurationError } from '../../../base/errors.ts';
import { testFolder } from '../../extract/night.ts';

const UNITS = 'business_units.csv';
const TYPES = 'job_types.csv';
const VALUES = 'ui_kpi_values.csv';

type Change = readonly [file: string, from: string | RegExp, to: string];

/** The problems of the sample's files after one text of a file is replaced by another. */
function problemsOf(...change: Change): readonly string[] {
  return problemsAfter(change);
}

function problemsAfter(...changes: readonly Change[]): readonly string[] {
  const dir = testFolder();
  cpSync('definitions/reference', dir, { recursive: true });
  for (const [file, from, to] of changes) {
    const before = readFileSync(join(dir, file), 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(join(dir, file), after);
  }
  try {
    readReference(dir);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems;
  }
}

const NEVADA = '901,Nevada-Production,Nevada-Production,production,NEV,true,';

describe('the reference files of a tenant', () => {
  test('a unit of kind both, alone in its region, takes screen values of sales and of production', () => {
    const value = (kpi: string) => `2025-08-18,2025-08-24,Queens,${kpi},1,usd,,,,\n`;
    const problems = problemsAfter(
      [UNITS, NEVADA, `${NEVADA}\n77,Queens,Queens,both,NYC,true,`],
      [VALUES, /$/, value('total_booked') + value('dollars_produced')],
    );
    expect(problems).toEqual([]);
  });

  test('the sample files have no problem', () => {
    expect(readReference('definitions/reference').business_units.length).toBeGreaterThan(10);
  });

  test('a file of screen values with only its header has no problem; one without rows of units has', () => {
    const [header = ''] = readFileSync('definitions/reference/ui_kpi_values.csv', 'utf8').split('\n');
    expect(problemsOf(VALUES, /^[\s\S]*$/, `${header}\n`)).toEqual([]);
    expect(problemsOf(VALUES, /^[\s\S]*$/, 'period_start,kpi\n')).toEqual([
      'ui_kpi_values.csv:1: the header lacks the column period_end, business_unit, ui_value',
    ]);
    const units = 'business_unit_id,raw_name,normalised_name,kind,region,in_kpi_set,note\n';
    expect(problemsOf(UNITS, /^[\s\S]*$/, units)).toContain('business_units.csv: has no rows');
  });

  test.each([
    [
      'a kind in another spelling',
      UNITS,
      NEVADA.replace('production', 'Production'),
      'kind is "Production"; write sales, production or both',
    ],
    [
      'a kind that does not exist',
      UNITS,
      NEVADA.replace('production', 'service'),
      'kind is "service"; write sales, production or both',
    ],
    [
      'a flag that is no flag',
      UNITS,
      NEVADA.replace('true', 'yes'),
      'in_kpi_set is "yes", which is not true or false',
    ],
    [
      'a unit with KPIs but without a region',
      UNITS,
      NEVADA.replace('NEV', ''),
      'region is empty, but in_kpi_set is true',
    ],
    [
      'a name with a space at its end',
      UNITS,
      NEVADA.replace('Nevada-Production,production', 'Nevada-Production ,production'),
      'normalised_name is "Nevada-Production ", with a space at its beginning or end',
    ],
    [
      'an id that is mapped twice',
      UNITS,
      `${NEVADA}\n901,Nevada P,Nevada-Production,production,NEV,true,`,
      'repeats the business_unit_id of line 4',
    ],
    [
      'a name that means two units',
      UNITS,
      `${NEVADA}\n,nevada-production,Tucson-Production,production,TUC,true,`,
      'maps "nevada-production" to Tucson-Production, and line 4 to another unit',
    ],
    [
      'a unit of two kinds',
      UNITS,
      `${NEVADA}\n,Nevada P,Nevada-Production,sales,NEV,true,`,
      'kind of Nevada-Production is "sales", and on line 4 "production"',
    ],
    [
      'a unit of two regions',
      UNITS,
      `${NEVADA}\n,Nevada P,Nevada-Production,production,PHX,true,`,
      'region of Nevada-Production is "PHX", and on line 4 "NEV"',
    ],
  ])('business_units.csv is refused with line and choice: %s', (_, file, line, problem) => {
    const at = line.includes('\n') ? 5 : 4;
    expect(problemsOf(file, NEVADA, line)).toContain(`${file}:${at}: ${problem}`);
  });

  test.each([
    [
      'a flag that is no flag',
      ',ESTIMATE- WINDOW WASHING,1,false,false,false,true,',
      2,
      'is_estimate is "1", which is not true or false',
    ],
    ['an empty flag', ',ESTIMATE- WINDOW WASHING,true,,false,false,true,', 2, 'is_warranty is empty'],
    ['a line without id and name', ',,true,false,false,false,true,', 2, 'job_type_id and name are empty'],
    [
      'an id that comes twice',
      '5,A,true,false,false,false,true,\n5,B,true,false,false,false,true,',
      3,
      'repeats the job_type_id of line 2',
    ],
    [
      'a name with two meanings',
      ',A,true,false,false,false,true,\n,a ,false,false,false,false,true,',
      3,
      'is_estimate of "a " is false, and on line 2 true',
    ],
  ])('job_types.csv is refused with line and choice: %s', (_, lines, at, problem) => {
    const first = ',ESTIMATE- WINDOW WASHING,true,false,false,false,true,';
    expect(problemsOf(TYPES, first, lines)).toContain(`${TYPES}:${at}: ${problem}`);
  });

  test.each([
    ['a unit that does not exist', ',usd,', ',EUR,', 'unit is "EUR"; write usd, count or percent'],
    [
      'a wrong year',
      '2025-08-18,2025-08-18',
      '2025-08-18,2205-08-18',
      'period_end is "2205-08-18"; its year is not between 2000 and 2099',
    ],
  ])('ui_kpi_values.csv is refused with line and choice: %s', (_, from, to, problem) => {
    expect(problemsOf(VALUES, from, to)).toContain(`${VALUES}:2: ${problem}`);
  });
});
