import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn, PROJECT, query, start } from './command.ts';
import { copyFirstNight } from './first-night.ts';
import { copyOfPipeline } from './pipeline-copy.ts';

const MODEL = 'definitions/intermediate/int_canceled_leads.sqlx';
const SCREEN = 'definitions/reference/ui_kpi_values.csv';
const folder = mkdtempSync(join(tmpdir(), 'adding-a-kpi-'));
const env = filesIn(folder);
let project: string;

/** The only block of this language on the page, without its indentation. */
function block(page: string, language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/adding-a-kpi.md has no block of ${language}`);
  return text.replace(/^ {3}/gm, '');
}

beforeAll(async () => {
  await copyFirstNight(folder);
  project = copyOfPipeline();
  const page = readFileSync(join(PROJECT, 'docs/adding-a-kpi.md'), 'utf8');
  expect(page).toContain(MODEL);
  // Step 2, the model.
  writeFileSync(join(project, MODEL), block(page, 'sql'));
  // Step 3, the rows, after those of lead_job_count.
  const table = join(project, 'includes/kpis.js');
  const text = readFileSync(table, 'utf8');
  const after = text.indexOf('\n  },\n', text.indexOf("name: 'lead_job_count'")) + '\n  },\n'.length;
  writeFileSync(table, text.slice(0, after) + block(page, 'js') + text.slice(after));
  // A screen value that is wrong on purpose.
  const values = readFileSync(join(project, SCREEN), 'utf8');
  writeFileSync(
    join(project, SCREEN),
    `${values}2025-08-18,2025-08-24,Phoenix-Sales,canceled_leads,100000,count,,a test,,\n`,
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(project, { recursive: true, force: true });
});

test('a sum needs one row and one model, and a ratio one row: marts, checks, report and explain have them', async () => {
  const { code, stdout, stderr } = await start(['transform'], env, { sources: project }).ended;
  expect(stdout + stderr).not.toContain('does not compile');
  // The screen value that is off, and nothing else, is RED.
  expect(code).toBe(2);
  expect(stdout).toContain('192 GREEN  0 YELLOW  1 RED');
  expect(stdout).toMatch(/Assertions +\d+ GREEN +\d+ YELLOW +1 RED/);
  const file = env.DUCKDB_PATH;
  const [facts] = await query(
    file,
    `SELECT count(*)::INTEGER AS n FROM st_stage_v2.int_leads JOIN st_stage_v2.int_job_facts USING (job_id)
     WHERE job_status = 'Canceled' AND int_leads.business_unit = 'Phoenix-Sales'
       AND event_date BETWEEN DATE '2025-08-18' AND DATE '2025-08-24'`,
  );
  expect(facts?.n).toBeGreaterThan(0);
  const [week] = await query(
    file,
    `SELECT canceled_leads::INTEGER AS n,
       canceled_lead_percent = round(100.0 * canceled_leads / lead_job_count, 2) AS is_ratio
     FROM st_mart_v2.weekly_kpis WHERE business_unit = 'Phoenix-Sales' AND week_start = DATE '2025-08-18'`,
  );
  expect(week).toEqual({ n: facts?.n, is_ratio: true });
  for (const table of ['daily_kpis', 'regional_kpis']) {
    const [sum] = await query(
      file,
      `SELECT sum(canceled_leads)::INTEGER AS n FROM st_mart_v2.${table} WHERE region = 'PHX'
         AND event_date BETWEEN DATE '2025-08-18' AND DATE '2025-08-24'`,
    );
    expect([table, sum?.n]).toEqual([table, facts?.n]);
  }
  const columns = await query(
    file,
    `SELECT column_name AS name, comment FROM duckdb_columns() WHERE table_name = 'daily_kpis' AND schema_name = 'st_mart_v2'`,
  );
  const names = columns.map(({ name }) => name);
  expect(names.indexOf('canceled_leads')).toBe(names.indexOf('lead_job_count') + 1);
  expect(columns.find(({ name }) => name === 'canceled_leads')?.comment).toBe(
    'Leads of the period whose job was canceled.',
  );

  const report = readFileSync(join(folder, 'report/report.md'), 'utf8');
  expect(report).toContain('| Canceled |');
  const explained = await start(
    ['explain', 'canceled_lead_percent', 'Phoenix-Sales', '2025-08-18', '--week'],
    env,
    {
      sources: project,
    },
  ).ended;
  expect(explained.stdout).toContain('Canceled · Phoenix-Sales');
  expect(explained.stdout).toContain(`Numerator: ${facts?.n} jobs`);
  expect(explained.code).toBe(0);
});
