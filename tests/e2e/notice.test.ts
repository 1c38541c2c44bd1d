import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn, PROJECT, run } from './command.ts';
import { copyFirstNight } from './first-night.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2e-notice-'));
const texts: string[] = [];
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  texts.push(JSON.parse(body).text);
  response.end('ok');
});
let env: Record<string, string>;

beforeAll(async () => {
  await copyFirstNight(folder);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  env = {
    ...filesIn(folder),
    NOTIFY_URL: `http://127.0.0.1:${port}/hook-canary`,
    REPORT_URL: 'https://kpis.example/report',
  };
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a night that passes, a RED night and one that fails each send one message to NOTIFY_URL', async () => {
  const passed = await run(['nightly'], env);
  expect(passed.code).toBe(0);

  const reference = join(folder, 'reference');
  cpSync(join(PROJECT, 'definitions/reference'), reference, { recursive: true });
  const screens = join(reference, 'ui_kpi_values.csv');
  const line = '2025-08-18,2025-08-18,Nevada-Sales,total_booked,';
  writeFileSync(screens, readFileSync(screens, 'utf8').replace(`${line}27150.00`, `${line}17230.00`));
  const red = await run(['nightly'], { ...env, REFERENCE_DIR: reference });
  expect(red.code).toBe(2);

  const failed = await run(['nightly'], { ...env, DUCKDB_PATH: '/dev/null/x.duckdb' });
  expect(failed.code).toBe(1);

  expect(texts).toHaveLength(3);
  expect(texts[0]).toMatch(
    /^KPI night 2025-10-27: YELLOW\. All 192 screen values agree\. 10 things to look at\.\nWeek /,
  );
  expect(texts[0]).toMatch(
    /Booked \$428,300 .*Produced \$474,562 .*Leads 227 .*\nReport: https:\/\/kpis.example\/report$/s,
  );
  expect(texts[1]).toContain(
    'RED: Booked of Nevada-Sales, 18 Aug 2025: screen $17,230.00, ours $27,150.00; the definition "sale dated in world time (UTC)"',
  );
  expect(texts[2]).toMatch(/^KPI night 2025-10-27: FAILED\. There is no new report\.\n/);
  for (const { stdout, stderr } of [passed, red, failed])
    expect(stdout + stderr).not.toContain('hook-canary');
});

test('a NOTIFY_URL that is no address is refused with exit code 3 and without its value', async () => {
  const ended = await run(['nightly'], { ...env, NOTIFY_URL: 'ftp://hook-canary', NOTIFY_ON: 'sometimes' });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('NOTIFY_URL is not an https:// address');
  expect(ended.stderr).toContain('NOTIFY_ON is not one of always, problems');
  expect(ended.stderr).not.toContain('hook-canary');
});
