import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Finding, Verdict } from '../../../app/doctor/check.ts';
import { type CheckResult, checks } from '../../../app/doctor/run.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/server.ts';
import { filesIn, run, start } from '../../e2e/command.ts';
import { runInProcess } from '../../e2e/in-process.ts';
import { settingsFor } from '../../faults/case.ts';
import { NAMES } from '../../faults/entity-names.ts';
import { smallTenant } from '../../faults/tenant.ts';
import { tenantOf } from '../../sandbox/client.ts';

export interface Diagnosis {
  readonly code: number | null;
  readonly output: string;
  /** Findings that are neither ok nor skipped, such as `scopes failed`, with text and remedy. */
  readonly troubles: Readonly<Record<string, string>>;
  readonly verdicts: Readonly<Record<string, readonly Verdict[]>>;
}

/** Runs the command in a separate process; `sources` as for `start`. */
export async function diagnoseApart(
  env: Readonly<Record<string, string>>,
  sources?: string,
): Promise<Diagnosis> {
  const options = sources === undefined ? {} : { sources };
  const { code, stdout, stderr } = await start(['doctor', '--json'], env, options).ended;
  if (!stdout.startsWith('[')) throw new Error(stdout + stderr);
  return diagnosisOf(code, stdout, stderr);
}

const IN_PROCESS = checks.map(({ name }) => name).filter((name) => name !== 'models');

/** Runs checks in this process: the named ones, or all except the models, which take longest. */
export async function diagnose(
  env: Readonly<Record<string, string>>,
  names: readonly string[] = IN_PROCESS,
): Promise<Diagnosis> {
  const { code, stdout, stderr } = await runInProcess(['doctor', ...names, '--json'], env);
  return diagnosisOf(code, stdout, stderr);
}

function diagnosisOf(code: number | null, stdout: string, stderr: string): Diagnosis {
  const told = JSON.parse(stdout) as CheckResult[];
  const bad = ({ verdict }: Finding) => verdict === 'failed' || verdict === 'warning';
  const words = ({ verdict, text, remedy }: Finding) => `${verdict}: ${text} → ${remedy}`;
  return {
    code,
    output: stdout + stderr,
    troubles: Object.fromEntries(
      told.flatMap(({ check, findings }) => {
        const found = findings.filter(bad).map(words);
        return found.length > 0 ? [[check, found.join('\n')]] : [];
      }),
    ),
    verdicts: Object.fromEntries(
      told.map(({ check, findings }) => [check, findings.map(({ verdict }) => verdict)]),
    ),
  };
}

/** A tenant that was loaded once without a fault. Each test breaks a copy of its files. */
export function healthyTenant() {
  const whole = mkdtempSync(join(tmpdir(), 'doctor-healthy-'));
  let sandbox: Sandbox;
  let aheadMs = 0;
  // Its clock runs with ours, so that only a test makes a difference.
  const now = () => new Date(Date.now() + aheadMs);
  beforeAll(async () => {
    sandbox = await startSandbox({ tenant: { ...tenantOf(smallTenant()), now } });
    await run(['extract', ...NAMES], { ...settingsFor(sandbox), ...filesIn(whole) });
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(whole, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    onTestFinished(() => {
      sandbox.faults.clear();
      aheadMs = 0;
      rmSync(folder, { recursive: true, force: true });
    });
    cpSync(whole, folder, { recursive: true });
    const files = filesIn(folder);
    // The machine's own temporary folder may hold files of other processes.
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    return {
      folder,
      sandbox,
      setClockAhead: (ms: number) => {
        aheadMs = ms;
      },
      warehouse: files.DUCKDB_PATH,
      landing: files.LANDING_URI,
      temporary,
      env: { ...settingsFor(sandbox), ...files, TMPDIR: temporary },
    };
  };
}

/** Changes the warehouse without the pipeline. */
export async function change(path: string, ...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}
