import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { edit } from '../engine/project-copy.ts';
import { type Command, filesIn, query, run, start } from './command.ts';
import { copyFirstNight } from './first-night.ts';
import { copyOfPipeline } from './pipeline-copy.ts';

let project: string;
let folder: string;
let env: Record<string, string>;
let watching: Command;
let printed = '';
let told = () => {};

/** Waits until the command has printed an answer that `pattern` matches, and takes everything printed so far. */
async function answer(pattern: RegExp): Promise<string> {
  const late = globalThis.setTimeout(() => told(), 40_000);
  const end = Date.now() + 40_000;
  while (!pattern.test(printed)) {
    if (Date.now() >= end) throw new Error(`No answer like ${pattern} in 40 s, but:\n${printed}`);
    await new Promise<void>((resolve) => (told = resolve));
  }
  clearTimeout(late);
  const text = printed;
  printed = '';
  return text;
}

beforeAll(async () => {
  project = copyOfPipeline();
  folder = join(project, '.local');
  env = filesIn(folder);
  await copyFirstNight(folder);
  watching = start(['transform', '--watch'], env, {
    sources: project,
    onOutput(text) {
      printed += stripVTControlCharacters(text);
      told();
    },
  });
  await answer(/Watching [\s\S]*Ctrl-C/);
});

afterAll(async () => {
  watching.kill('SIGINT');
  await watching.ended;
  rmSync(project, { recursive: true, force: true });
});

const LEADS = 'definitions/intermediate/int_leads.sqlx';
const RULE = '  and jobs.is_estimate\n';
const END = /Screen values: .*\n/;

test('an edit of a rule says which rows changed, what moved, where most, and which screen values are off', async () => {
  edit(project, LEADS, RULE, `${RULE}  and jobs.business_unit <> 'Nevada-Sales'\n`);
  const text = await answer(END);
  expect(text).toMatch(/^int_leads\.sqlx {2}\d+\.\d s$/m);
  expect(text).toMatch(/^\d+ of \d+ models built, \d+ of them with other rows\.$/m);
  const [, gone] = /int_leads: [\d,]+ rows, ([\d,]+) gone and 0 new or changed/.exec(text) ?? [];
  const [before] = await savedQuery(
    "SELECT count(*) AS n FROM st_stage_v2.int_leads WHERE business_unit = 'Nevada-Sales'",
  );
  expect(gone).toBe(before?.n);
  const [most] = await savedQuery(
    `SELECT CAST(lead_count AS VARCHAR) AS leads, strftime(week_start, '%-d %b %Y') AS week FROM st_mart_v2.weekly_kpis
     WHERE business_unit = 'Nevada-Sales' ORDER BY lead_count DESC, week_start LIMIT 1`,
  );
  expect(text).toContain(`${most?.leads} → 0  Nevada-Sales, week of `);
  expect(text).toMatch(/^Leads +\d+ +\d+ /m);
  expect(text).not.toMatch(/^(Booked|Produced) /m);
  expect(text).toMatch(/Screen values: \d+ GREEN, \d+ RED \(before: 192 GREEN\)/);
  expect(text).toMatch(/^RED {4}Leads of /m);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  edit(project, LEADS, `${RULE}  and jobs.business_unit <> 'Nevada-Sales'\n`, RULE);
  expect(await answer(END)).toContain(`0 → ${most?.leads}  Nevada-Sales`);
});

/** Rows of the copy for readers as the night left them: the watch holds the warehouse itself. */
const savedQuery = (sql: string) => query(env.SAVED ?? '', sql);
beforeAll(() => {
  // The watch replaces the copy; the night's is kept.
  env.SAVED = join(folder, 'saved.duckdb');
  renameSync(join(folder, 'warehouse.readable.duckdb'), env.SAVED);
});

test('a typo shows its line with a caret and counts the models that wait, and nothing is built', async () => {
  edit(project, LEADS, 'jobs.created_date as event_date', 'jobs.creatd_date as event_date');
  const text = await answer(/Nothing was built.*\n/);
  const lines = text.split('\n');
  const line =
    readFileSync(join(project, LEADS), 'utf8')
      .split('\n')
      .findIndex((l) => l.includes('creatd_date')) + 1;
  expect(text.replace(/\n {2}/g, ' ')).toContain(`${LEADS}:${line}: Name creatd_date not found`);
  const at = lines.findIndex((one) => one.includes(`${line} |`));
  expect(lines[at]?.slice(lines[at + 1]?.indexOf('^'))).toBe('creatd_date as event_date,');
  expect(text).toMatch(/^\d+ models wait for it\.$/m);
  expect(text).not.toContain('daily_kpis');
  edit(project, LEADS, 'jobs.creatd_date as event_date', 'jobs.created_date as event_date');
  expect(await answer(END)).toContain('No number of the mart moved.');
});

test('a typo in a helper shows the file and says why', async () => {
  edit(project, 'includes/dates.js', 'module.exports', 'module.export s');
  expect(await answer(/Nothing was built.*\n/)).toMatch(/includes\/dates\.js/);
  edit(project, 'includes/dates.js', 'module.export s', 'module.exports');
  await answer(END);
});

test('an edit of an assertion shows what it finds now', async () => {
  const file = 'definitions/assertions/reference/assert_kpi_units_exist.sqlx';
  const text = readFileSync(join(project, file), 'utf8');
  writeFileSync(join(project, file), text.replace(/where .*$/m, 'where true'));
  const answered = await answer(END);
  expect(answered).toMatch(/RED {4}assert_kpi_units_exist: 12 rows \(0 before\)\n {2}\{/);
  expect(answered).toMatch(/\n0 of \d+ models built/);
  writeFileSync(join(project, file), text);
  expect(await answer(END)).toMatch(/GREEN {2}assert_kpi_units_exist: 0 rows \(12 before\)/);
});

test('an edit of a reference file shows what it moved, and a wrong cell is reported with its line', async () => {
  const file = 'definitions/reference/ui_kpi_values.csv';
  const text = readFileSync(join(project, file), 'utf8');
  const rows = text.split('\n');
  const at = rows.findIndex((row) => row.includes(',Phoenix-Sales,total_booked,'));
  const cells = rows[at]?.split(',') ?? [];
  const value = cells.indexOf('total_booked') + 1;
  cells[value] = (Number(cells[value]) + 5000).toFixed(2);
  writeFileSync(join(project, file), rows.with(at, cells.join(',')).join('\n'));
  const answered = await answer(END);
  expect(answered).toContain('ui_kpi_values.csv');
  expect(answered).toContain('Screen values: 191 GREEN, 1 RED (before: 192 GREEN)');
  expect(answered).toContain('RED    Booked of Phoenix-Sales');

  writeFileSync(join(project, file), rows.with(at, cells.with(value, 'much').join(',')).join('\n'));
  expect(await answer(/Nothing was built.*\n/)).toContain(`ui_kpi_values.csv:${at + 1}: `);
  writeFileSync(join(project, file), text);
  await answer(END);
});

test('a deleted model takes its table with it, and no table that a load or a night wrote', async () => {
  const file = join(project, 'definitions/intermediate/int_weekend_leads.sqlx');
  writeFileSync(
    file,
    `config { type: "table", schema: dataform.projectConfig.vars.stage_dataset }\nselect job_id from \${ref("int_leads")} where extract(dayofweek from event_date) in (1, 7)\n`,
  );
  expect(await answer(END)).toMatch(/new: int_weekend_leads\.sqlx[\s\S]*int_weekend_leads: [\d,]+ rows, new/);
  rmSync(file);
  expect(await answer(END)).toMatch(
    /deleted: int_weekend_leads[\s\S]*st_stage_v2\.int_weekend_leads is dropped/,
  );
});

test('another run meanwhile is told which process holds the warehouse; Ctrl-C ends the watch with code 0', async () => {
  const other = await run(['transform'], env);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain(`is open in another process (PID ${watching.pid})`);
  // Once the watch has paused, readers have the last build.
  while (!existsSync(join(folder, 'warehouse.readable.duckdb'))) await setTimeout(200);
  const asked = await run(['sql', 'select count(*) as n from daily_kpis', '--csv'], env);
  expect(asked.stdout).toMatch(/^n\n\d+\n$/);
  expect(asked.stderr).toContain('reads the copy of its last run');
  watching.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  expect(await answer(/Stopped.*\n/)).toContain('Stopped.');
  const tables = await query(
    env.DUCKDB_PATH ?? '',
    "SELECT schema_name || '.' || table_name AS name FROM duckdb_tables() ORDER BY name",
  );
  const names = tables.map(({ name }) => name);
  expect(names).not.toContain('st_stage_v2.int_weekend_leads');
  for (const kept of ['st_mart_v2.kpi_snapshots', 'st_raw_v2.raw_jobs', 'st_logs_v2.sync_state'])
    expect(names).toContain(kept);
  // Readers have the last build.
  expect(existsSync(join(folder, 'warehouse.readable.duckdb'))).toBe(true);
});

test('a plain transform ends with what moved since the mart before it', async () => {
  edit(project, LEADS, RULE, `${RULE}  and jobs.business_unit <> 'Nevada-Sales'\n`);
  const ended = await start(['transform'], env, { sources: project }).ended;
  expect(ended.code).toBe(2);
  const text = stripVTControlCharacters(ended.stdout);
  expect(text).toMatch(
    /^Moved +Weeks +Days +Most +Where\nLeads +\d+ +\d+ +\d+ → 0 {2}Nevada-Sales, week of /m,
  );
  expect(text.indexOf('Moved')).toBeGreaterThan(text.indexOf('Screen values'));
});
