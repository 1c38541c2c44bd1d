import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { drawPages } from './pictures-of-pages.ts';

/**
 * `npm run pictures`: runs a night on the sandbox tenant and renews what README.md shows of it: `docs/report.png`, the first
 * screen of the report, and what the night prints. `--all FOLDER` draws every page in every view into a folder instead, to be
 * looked at. It needs Chromium (`apt-get install chromium`, or CHROMIUM_PATH).
 */
const PROJECT = fileURLToPath(new URL('../', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** The part of README.md between the two comments that mark a night. */
export const NIGHT = /(<!-- night:begin -->\n```text\n)([\s\S]*?)(\n```\n<!-- night:end -->)/;

/** What a night prints, with its folder as README.md shows it. */
export function printed(output: string, folder: string): string {
  return output.trimEnd().replaceAll(folder, '.local');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { all: { type: 'string' } } });
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    const env = {
      ...process.env,
      DUCKDB_PATH: join(folder, 'warehouse.duckdb'),
      LANDING_URI: join(folder, 'landing'),
    };
    const command = ['--import', 'tsx', 'app/cli/main.ts', 'nightly'];
    const output = execFileSync(process.execPath, command, {
      cwd: PROJECT,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    if (values.all !== undefined) {
      await drawPages(browser, { project: PROJECT, folder, env, out: values.all });
      await browser.close();
      return;
    }
    const readme = join(PROJECT, 'README.md');
    const text = readFileSync(readme, 'utf8');
    writeFileSync(
      readme,
      text.replace(NIGHT, (_, begin, __, end) => begin + printed(output, folder) + end),
    );

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(pathToFileURL(join(folder, 'report/report.html')).href);
    await page.screenshot({ path: join(PROJECT, 'docs/report.png') });
    await browser.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
