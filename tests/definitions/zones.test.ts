import { expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';

const { tables, assertions } = await compileProject(process.cwd(), { as_of: '2025-10-27T16:00:00Z' });
const queries = [...tables, ...assertions].map(({ target, query }) => ({ name: target.name, query }));

/** Calls of `date`, `datetime` and the like with one argument, and literals: BigQuery reads them in the project's time zone. */
function zoneless(sql: string): string[] {
  const found: string[] = [];
  for (const { 0: call, index } of sql.matchAll(/\b(date|datetime|time|extract|timestamp|string)\(/gi)) {
    const text = callAt(sql, index + call.length);
    const isOfDate = /^(dayofweek|isoyear|isoweek) from /i.test(text);
    if (!isOfDate && topLevelCommas(text) === 0) found.push(`${call}${text})`);
  }
  for (const [literal] of sql.matchAll(/\btimestamp '[^']*'/gi))
    if (!/(Z|[+-]\d\d(:\d\d)?)'$/.test(literal)) found.push(literal);
  for (const [cast] of sql.matchAll(/\bas (date|datetime|time|timestamp)\)/gi)) found.push(cast);
  for (const [clock] of sql.matchAll(/\bcurrent_(date|time|datetime)\b/gi)) found.push(clock);
  return found;
}

/** The text of the arguments that begin at `from`. */
function callAt(sql: string, from: number): string {
  let depth = 1;
  let at = from;
  for (; depth > 0 && at < sql.length; at++) depth += sql[at] === '(' ? 1 : sql[at] === ')' ? -1 : 0;
  return sql.slice(from, at - 1);
}

function topLevelCommas(text: string): number {
  let depth = 0;
  let commas = 0;
  for (const char of text) {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) commas++;
  }
  return commas;
}

test('the day of an instant without a zone is found', () => {
  expect(zoneless("select date(if(a > timestamp '2025-01-01 00:00:00', a, null))")).toHaveLength(2);
  expect(zoneless("select date(a, 'UTC'), extract(dayofweek from d)")).toEqual([]);
});

test('no model and no assertion takes the day of an instant in the default time zone of a project', () => {
  expect(queries.length).toBeGreaterThan(100);
  expect(queries.flatMap(({ name, query }) => zoneless(query).map((found) => `${name}: ${found}`))).toEqual(
    [],
  );
});
