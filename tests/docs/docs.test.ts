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

test('every command is in the README', () => {
  const commands = readdirSync('app/cli').flatMap((file) => [
    ...read(`app/cli/${file}`).matchAll(/\.command\('(\w+)'\)/g),
  ]);
  expect(commands.length).toBeGreaterThanOrEqual(8);
  for (const [, name] of commands) expect(README).toContain(`\`${name}`);
});

test('every setting is in the README', () => {
  expect(VARIABLES.length).toBeGreaterThan(30);
  const missing = VARIABLES.filter(
    (name) => !README.includes(name) && !README.includes(name.replace(/^BQ_DATASET/, '…')),
  );
  expect(missing).toEqual([]);
});

test('every route of the service is in docs/http.md', () => {
  const page = read('docs/http.md');
  const routes = readdirSync('app/serve').flatMap((file) => [
    ...read(`app/serve/${file}`).matchAll(/ path: '([^']+)'/g),
  ]);
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter(([, path]) => !page.includes(`${path}`))).toEqual([]);
});

test('every column of the mart is in docs/kpis.md', () => {
  const { UNIT_COLUMNS, KPI_COLUMNS } = createRequire(import.meta.url)('../../includes/columns.js') as Record<
    string,
    object
  >;
  const page = read('docs/kpis.md');
  const columns = [...Object.keys({ ...UNIT_COLUMNS, ...KPI_COLUMNS }), 'event_date'];
  expect(columns.filter((name) => !page.includes(name))).toEqual([]);
});

test('every planted bug and every file of the fault suite is in docs/faults.md', () => {
  const page = read('docs/faults.md');
  expect(BUGS.map(({ name }) => name).filter((name) => !page.includes(`| ${name} |`))).toEqual([]);
  const files = readdirSync('tests/faults').flatMap(
    (name) => /^([a-z-]+?)(-\d)?\.faults\.ts$/.exec(name)?.[1] ?? [],
  );
  expect(files.length).toBeGreaterThan(9);
  expect(files.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});

describe('links lead somewhere', () => {
  test.each(PAGES)('%s', (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#]+?)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const local = links.filter((target) => !/^https?:/.test(target));
    expect(local.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });
});
