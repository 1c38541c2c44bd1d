import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES } from '../../extract/variables.ts';
import { BUGS } from '../faults/planted-bugs/bugs.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const README = read('README.md');
const PAGES = [
  'README.md',
  'DECISIONS.md',
  'CHANGELOG.md',
  ...readdirSync('docs').map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md'));

test('the README lists every command', () => {
  const commands = readdirSync('app/cli').flatMap((file) => [
    ...read(`app/cli/${file}`).matchAll(/\.command\('(\w+)'\)/g),
  ]);
  expect(commands.length).toBeGreaterThanOrEqual(8);
  for (const [, name] of commands) expect(README).toContain(`\`${name}`);
});

test('the README lists every setting', () => {
  expect(VARIABLES.length).toBeGreaterThan(30);
  const missing = VARIABLES.filter(
    (name) => !README.includes(name) && !README.includes(name.replace(/^BQ_DATASET/, '…')),
  );
  expect(missing).toEqual([]);
});

test('docs/http.md lists every route of the HTTP service', () => {
  const page = read('docs/http.md');
  const files = readdirSync('app/serve').filter((name) => name.endsWith('.ts'));
  const routes = files.flatMap((file) => [...read(`app/serve/${file}`).matchAll(/ path: '([^']+)'/g)]);
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter(([, path]) => !page.includes(`${path}`))).toEqual([]);
});

test('docs/kpis.md lists every column of the mart', () => {
  const { UNIT_COLUMNS, KPI_COLUMNS } = createRequire(import.meta.url)('../../includes/columns.js') as Record<
    string,
    object
  >;
  const page = read('docs/kpis.md');
  const columns = [...Object.keys({ ...UNIT_COLUMNS, ...KPI_COLUMNS }), 'event_date'];
  expect(columns.filter((name) => !page.includes(name))).toEqual([]);
});

test('docs/faults.md lists every planted bug and every file of the fault suite', () => {
  const page = read('docs/faults.md');
  expect(BUGS.map(({ name }) => name).filter((name) => !page.includes(`| ${name} |`))).toEqual([]);
  const files = readdirSync('tests/faults').flatMap(
    (name) => /^([a-z-]+?)(-\d)?\.faults\.ts$/.exec(name)?.[1] ?? [],
  );
  expect(files.length).toBeGreaterThan(9);
  expect(files.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

describe('links in the documentation', () => {
  test.each(PAGES)('every local link in %s leads to an existing file', (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const local = links.filter((target) => !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });
});
