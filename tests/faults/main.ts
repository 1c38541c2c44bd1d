import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Entry } from './ledger.ts';

/**
 * `npm run test:faults [-- --schedules N] [-- --seed N] [-- a part of a file's name]`: runs the fault suite and adds
 * up what it did. With a seed only that schedule is run.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { schedules: { type: 'string' }, seed: { type: 'string' } },
});
for (const [name, text] of Object.entries(values)) {
  if (!/^\d{1,9}$/.test(text)) {
    console.error(`--${name} is a whole number, such as --${name} 200`);
    process.exit(3);
  }
}
const folder = mkdtempSync(join(tmpdir(), 'faults-ledger-'));
const ledger = join(folder, 'ledger.ndjson');
writeFileSync(ledger, '');
const files = values.seed === undefined ? positionals : ['schedules'];
const startedAt = Date.now();
const child = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.faults.config.ts', ...files],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      FAULTS_LEDGER: ledger,
      ...(values.seed !== undefined && { FAULTS_SEED: values.seed }),
      ...(values.schedules !== undefined && { FAULTS_SCHEDULES: values.schedules }),
    },
  },
);
child.on('close', (code) => {
  const entries = readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
  console.log(summary(entries.map((line): Entry => JSON.parse(line))));
  rmSync(folder, { recursive: true });
  process.exitCode = code ?? 1;
});

function summary(entries: readonly Entry[]): string {
  const total = (name: Counted, of = entries) => of.reduce((sum, entry) => sum + (entry[name] ?? 0), 0);
  const figure = (name: Counted) => total(name).toLocaleString('en');
  const groups = entries.filter(({ group }) => group !== undefined);
  const bugs = entries.filter(({ bug }) => bug !== undefined);
  const marts = entries.filter(({ martTable }) => martTable !== undefined);
  const martTables = [...new Set(marts.map(({ martTable }) => martTable))].sort();
  return [
    '',
    ...groups.map(({ group, cases }) => `  ${group?.padEnd(12)} ${cases} cases`),
    ...martTables.map((name) => {
      const compared = marts.filter(({ martTable }) => martTable === name);
      const rows = total('martRows', compared).toLocaleString('en');
      return `  mart: ${name?.padEnd(20)} compared ${compared.length} times, rows ${rows}`;
    }),
    ...bugs.map(({ bug, foundBy }) => `  planted: ${bug?.padEnd(44)} found by: ${foundBy}`),
    '',
    `groups ${groups.length}  cases ${figure('cases')}  schedules ${figure('schedules')}  kills ${figure('kills')}  rows compared ${figure('rowsCompared')}  mart tables compared ${marts.length}  mart rows compared ${figure('martRows')}  lost ${figure('lost')}  doubled ${figure('doubled')}  in ${Math.round((Date.now() - startedAt) / 1000)} s`,
  ].join('\n');
}

type Counted = 'cases' | 'schedules' | 'kills' | 'rowsCompared' | 'martRows' | 'lost' | 'doubled';
