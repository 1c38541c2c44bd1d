import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogueEntities, catalogueModule, catalogueParameters, notRead } from '../../schemas/catalogue.ts';
import { type Column, columnsOf } from '../../schemas/columns.ts';
import { allEntities, chooseEntities, entities, findEntity } from '../../schemas/entities.ts';
import { notationOf } from '../../schemas/notation.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { isPersonalByName } from '../../schemas/tools/personal.ts';

const FACTS = [
  ...['name', 'module', 'about', 'list', 'export', 'key', 'changeField', 'kind', 'scope'],
  ...[
    'listParameters',
    'exportParameters',
    'listEach',
    'changeParameters',
    'firstPage',
    'largestPage',
    'unpaged',
  ],
];

test('every entity has a name of its own, a feed, and no unknown fact', () => {
  const all = allEntities();
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const row of catalogueEntities()) {
    expect(Object.keys(row).filter((fact) => !FACTS.includes(fact))).toEqual([]);
    expect([row.name, row.list ?? row.export]).toEqual([row.name, expect.any(String)]);
    expect([row.name, row.scope]).toEqual([row.name, expect.stringMatching(/^tn\.\w+\.\w+:r$/)]);
    expect(row.name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
});

test('the rows cover the 52 export feeds and the 161 paged lists of the documents', () => {
  const feeds = allEntities().flatMap(({ module, export: feed }) =>
    feed === undefined ? [] : [`${module}/${feed}`],
  );
  const lists = allEntities().flatMap(({ module, list, unpaged }) =>
    list === undefined || unpaged ? [] : [`${module}/${list}`],
  );
  const left = notRead().map(({ module, path }) => `${module}/${path}`);
  expect(new Set(feeds).size).toBe(52);
  expect([...feeds, ...lists].filter((path) => left.includes(path))).toEqual([]);
  expect(lists).toHaveLength(118);
  expect(left).toHaveLength(58);
  expect(notRead().filter(({ why }) => why.length < 10)).toEqual([]);
});

test.each(
  catalogueEntities(),
)('the schema of $name has its key, its change field and documented parameters', (row) => {
  const { properties = {}, required } = readSchema(row.name);
  expect(required).toEqual(row.key);
  for (const name of row.key)
    expect([name, properties[name]?.type]).toEqual([name, expect.stringMatching(/^(integer|string)$/)]);
  if (row.changeField !== undefined) expect(properties[row.changeField]?.format).toBe('date-time');
  else expect(properties).not.toHaveProperty('modifiedOn');
  for (const path of [row.list, row.export]) {
    if (path !== undefined) expect(catalogueParameters(row.module, path)).toBeDefined();
  }
  const sent = [...Object.keys(row.listParameters), ...(row.listEach ? [row.listEach.parameter] : [])];
  expect(sent.filter((name) => !catalogueParameters(row.module, row.list ?? '')?.includes(name))).toEqual([]);
});

test.each(catalogueEntities())('the short notation of $name says all that its schema says', ({
  name,
  module,
}) => {
  const written = catalogueModule(module)?.columns[name];
  expect(notationOf(name, { ...readSchema(name), description: '' })).toEqual(written);
});

test('each file of the catalogue has the columns of the entities of its module alone', () => {
  const modules = [...new Set(catalogueEntities().map(({ module }) => module))];
  expect(readdirSync('schemas/catalogue').toSorted()).toEqual(
    modules.map((name) => `${name}.json`).toSorted(),
  );
  for (const module of modules) {
    const names = catalogueEntities()
      .filter((row) => row.module === module)
      .map(({ name }) => name);
    expect(Object.keys(catalogueModule(module)?.columns ?? {}).toSorted()).toEqual(names.toSorted());
  }
});

/** Every column with a value, by its path. */
function leaves(columns: readonly Column[], path: string): readonly (readonly [string, Column])[] {
  return columns.flatMap((column) => {
    const at = `${path}${column.name}${column.repeated ? '[]' : ''}`;
    return column.fields ? leaves(column.fields, `${at}.`) : [[at, column] as const];
  });
}

test.each([
  ['calls', 'from'],
  ['calls', 'to'],
  ['calls', 'recordingUrl'],
  ['calls', 'customer.name'],
  ['calls', 'agent.name'],
  ['leads', 'leadEmail'],
  ['bookings', 'name'],
  ['bookings', 'address.street'],
  ['customer_contacts', 'value'],
  ['contact_methods', 'value'],
  ['job_notes', 'text'],
  ['payroll_settings', 'hourlyRate'],
  ['technician_ratings', 'rating', false],
  ['memberships', 'memo'],
  ['memberships', 'status', false],
  ['form_submissions', 'units[]'],
  ['reviews', 'authorEmail'],
  ['tasks', 'description'],
  ['vendors', 'contactInfo.email'],
  ['pricebook_services', 'displayName', false],
] as const)('%s.%s is marked as personal data, or is none', (entity, path, isPersonal: boolean = true) => {
  const found = leaves(columnsOf(readSchema(entity)), '').find(([name]) => name === path);
  expect(found?.[1].personal).toBe(isPersonal);
});

test('every column of the catalogue whose name tells that it is about people is marked', () => {
  const unmarked = catalogueEntities().flatMap(({ name }) =>
    leaves(columnsOf(readSchema(name)), '')
      .filter(([path, { personal }]) => isPersonalByName(path) && personal === false)
      .map(([path]) => `${name}.${path}`),
  );
  expect(unmarked).toEqual([]);
});

test('ENTITIES adds names to the default set, and all means every entity', () => {
  const problems: string[] = [];
  expect(chooseEntities('', problems)).toEqual(entities);
  const chosen = chooseEntities('calls, memberships,jobs,payroll', problems).map(({ name }) => name);
  expect(chosen).toEqual([...entities.map(({ name }) => name), 'calls', 'memberships']);
  expect(chooseEntities('all', problems)).toEqual(allEntities());
  expect(problems).toEqual([]);
});

test('a name in ENTITIES that no entity has is a problem, and is shown only if it looks like a name', () => {
  const problems: string[] = [];
  chooseEntities('cals,cs1.Secret/9', problems);
  expect(problems).toEqual([
    'ENTITIES: there is no entity cals (did you mean calls?); `npm run entities` lists them',
    'ENTITIES: a name is no entity; `npm run entities` lists them',
  ]);
});

test('a command without ENTITIES reads no file of the catalogue', () => {
  const script = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { readFileSync } = fs;
    const read = [];
    fs.readFileSync = (path, ...rest) => { read.push(String(path)); return readFileSync(path, ...rest); };
    syncBuiltinESMExports();
    const { createProgram } = await import('./app/cli/program.ts');
    const sink = { write: () => true };
    const context = { env: { DUCKDB_PATH: '/nowhere/none.duckdb', ...JSON.parse(process.argv[1]) }, cwd: process.cwd(), stdout: sink, stderr: sink,
      signal: new AbortController().signal, now: () => new Date(), exitWith: () => {} };
    await (await createProgram(context, 'status')).parseAsync(['status'], { from: 'user' });
    console.log(JSON.stringify(read.filter((path) => path.includes('catalogue'))));
  `;
  const readWith = (env: object): readonly string[] =>
    JSON.parse(
      execFileSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script, JSON.stringify(env)],
        {
          encoding: 'utf8',
        },
      ),
    );
  expect(readWith({})).toEqual([]);
  // The rows alone: the schema of an entity is read when it is used.
  expect(readWith({ ENTITIES: 'calls' })).toEqual([expect.stringMatching(/schemas\/catalogue\.json$/)]);
});

test('an entity is found by its name and its alias', () => {
  expect(findEntity('payroll')?.name).toBe('gross_pay_items');
  expect(findEntity('calls')).toMatchObject({ module: 'telecom', export: 'export/calls' });
  expect(findEntity('zebras')).toBeUndefined();
});
