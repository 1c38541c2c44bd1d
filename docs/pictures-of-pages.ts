import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import type { ReportData } from '../app/report/data.ts';
import { renderPage } from '../app/report/page.tsx';

const VIEWS = {
  '1440-light': { width: 1440, height: 900, colorScheme: 'light', media: 'screen' },
  '1280-dark': { width: 1280, height: 800, colorScheme: 'dark', media: 'screen' },
  '390-light': { width: 390, height: 844, colorScheme: 'light', media: 'screen' },
  '390-dark': { width: 390, height: 844, colorScheme: 'dark', media: 'screen' },
  // A4 across, without its margins.
  print: { width: 1047, height: 718, colorScheme: 'light', media: 'print' },
} as const;

const COMMAND = ['--import', 'tsx', 'app/cli/main.ts'];
/** A screen value of the sample, and what a screen of another definition would show. */
const [SAME, OTHER] = [
  '2025-08-18,2025-08-18,Nevada-Sales,total_booked,27150.00',
  '2025-08-18,2025-08-18,Nevada-Sales,total_booked,17230.00',
];

/**
 * Draws the report of a GREEN, a YELLOW and a RED night, each page of the web application, a night that fails and the night
 * after it, in each view. `env` names the files of a night on the sandbox tenant, which is YELLOW; it is RED afterwards.
 */
export async function drawPages(
  browser: Browser,
  { project, folder, env, out }: { project: string; folder: string; env: NodeJS.ProcessEnv; out: string },
): Promise<void> {
  mkdirSync(out, { recursive: true });
  const report = join(folder, 'report/report.html');
  const draw = (name: string, address: string) => drawViews(browser, { name, address, out });

  await draw('report-yellow', pathToFileURL(report).href);
  const yellow = JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')) as ReportData;
  const green = join(folder, 'green.html');
  const assertions = yellow.assertions.map(({ uncounted_amount: _, ...row }) => ({
    ...{ ...row, verdict: 'GREEN' as const, failing_rows: '0' },
  }));
  writeFileSync(green, renderPage({ ...yellow, verdict: 'GREEN', assertions }));
  await draw('report-green', pathToFileURL(green).href);

  const reference = join(folder, 'reference');
  cpSync(join(project, 'definitions/reference'), reference, { recursive: true });
  const screens = join(reference, 'ui_kpi_values.csv');
  writeFileSync(screens, readFileSync(screens, 'utf8').replace(SAME, OTHER));
  const redEnv = { ...env, REFERENCE_DIR: reference };
  try {
    execFileSync(process.execPath, [...COMMAND, 'transform'], { cwd: project, env: redEnv, stdio: 'ignore' });
  } catch {
    // Exit code 2: RED.
  }
  await draw('report-red', pathToFileURL(report).href);

  const PORT = '8123';
  const service = spawn(process.execPath, [...COMMAND, 'serve'], {
    ...{ cwd: project, env: { ...redEnv, PORT }, stdio: 'ignore' },
  });
  const url = `http://127.0.0.1:${PORT}`;
  try {
    while (!(await fetch(`${url}/health`).catch(() => null))?.ok) await setTimeout(100);
    await draw('web-report', `${url}/`);
    await draw('web-week', `${url}/weeks/2025-10-13`);
    await draw('web-number', `${url}/kpis/total_booked/Nevada-Sales/2025-08-18`);
    await draw('web-margin', `${url}/kpis/gpm_percent/Nevada-Production/2025-10-20..2025-10-26`);
    for (const page of ['runs', 'entities', 'checks', 'nothing']) await draw(`web-${page}`, `${url}/${page}`);
    const night = spawn(process.execPath, [...COMMAND, 'nightly'], {
      ...{ cwd: project, env: { ...redEnv, RATE_LIMIT_PER_SECOND: '1' }, stdio: 'ignore' },
    });
    const ended = new Promise((resolve) => night.once('exit', resolve));
    const page = await browser.newPage();
    const link = page.locator('.verdict a');
    do {
      await page.goto(`${url}/runs`);
      await setTimeout(500);
    } while ((await link.count()) === 0);
    const run = await link.getAttribute('href');
    await page.close();
    await draw('web-runs-live', `${url}/runs`);
    await draw('web-run-live', `${url}${run}`);
    await ended;
    await draw('web-run', `${url}${run}`);

    // The next night cannot land payments; after it another one can.
    const payments = join(folder, 'landing/payments');
    const next = { ...redEnv, RUN_DATE: '2025-10-28' };
    renameSync(payments, `${payments}.away`);
    writeFileSync(payments, '');
    spawnSync(process.execPath, [...COMMAND, 'nightly'], { cwd: project, env: next, stdio: 'ignore' });
    const runs = await fetch(`${url}/runs`, { headers: { Accept: 'text/html' } });
    const failed = /href="(\/runs\/[^"]+)"/.exec(await runs.text())?.[1];
    await draw('web-failed-night', `${url}/`);
    await draw('web-failed-run', `${url}${failed}`);
    rmSync(payments);
    renameSync(`${payments}.away`, payments);
    spawnSync(process.execPath, [...COMMAND, 'nightly'], { cwd: project, env: next, stdio: 'ignore' });
    await draw('web-next-night', `${url}/`);
    await draw('web-next-runs', `${url}/runs`);
  } finally {
    service.kill();
  }
}

async function drawViews(
  browser: Browser,
  { name, address, out }: { name: string; address: string; out: string },
): Promise<void> {
  for (const [view, { width, height, colorScheme, media }] of Object.entries(VIEWS)) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.emulateMedia({ media });
    await page.goto(address);
    await page.screenshot({ path: join(out, `${name}-${view}.png`), fullPage: true });
    await page.close();
  }
}
