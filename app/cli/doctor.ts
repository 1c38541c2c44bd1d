import { tmpdir } from 'node:os';
import { type Command, Option } from 'commander';
import { didYouMean } from '../../base/did-you-mean.ts';
import { UsageError } from '../../base/errors.ts';
import { sleep } from '../../base/sleep.ts';
import { hostBreaker } from '../../extract/api/circuit-breaker.ts';
import { createClient } from '../../extract/api/client.ts';
import { createTokenSource } from '../../extract/api/token.ts';
import { createTransport } from '../../extract/api/transport.ts';
import { inspectConfig } from '../../extract/config.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { unknownVariables } from '../../extract/variables.ts';
import type { Check, DoctorContext } from '../doctor/check.ts';
import { probeEntities } from '../doctor/probe.ts';
import { type CheckResult, checks, namedChecks, runChecks } from '../doctor/run.ts';
import { openBackend, openLanding, warehouseExists } from '../pipeline/backends.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { EXIT, type ExitCode } from '../pipeline/exit-code.ts';
import { PROJECT_DIR } from '../pipeline/project-dir.ts';
import { openTenant } from '../pipeline/tenant.ts';
import { diagnosis, summaryOf } from './doctor-text.ts';

/** Short: the diagnosis only needs to know whether a service answers. */
const RETRY_POLICY = { baseMs: 250, capMs: 1000, budgetMs: 2000 };
const TIMEOUT_MS = 20_000;

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description(
      'Check everything that a nightly run needs, and say what is wrong and what to do; changes nothing.',
    )
    .argument(
      '[check...]',
      `run only these checks: ${nameList(checks)}; only if named: ${nameList(namedChecks)}`,
    )
    .addOption(new Option('--json', 'print the findings as JSON'))
    .addOption(new Option('--all-pages', 'landed: hash every landed file, not only a sample'))
    .action((names: string[], { json = false, allPages = false }: { json?: boolean; allPages?: boolean }) =>
      doctor(context, chosenChecks(names), { asJson: json, allPages }),
    );
}

function chosenChecks(names: readonly string[]): readonly Check[] {
  const all = [...checks, ...namedChecks];
  const valid = all.map(({ name }) => name);
  const unknown = names.filter((name) => !valid.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      unknown.map(
        (name) => `There is no check "${name}"${didYouMean(name, valid)}; the checks are ${valid.join(', ')}`,
      ),
    );
  }
  return names.length === 0 ? checks : all.filter(({ name }) => names.includes(name));
}

function nameList(some: readonly Check[]): string {
  return some.map(({ name }) => name).join(', ');
}

async function doctor(
  context: CommandContext,
  chosen: readonly Check[],
  { asJson, allPages }: { readonly asJson: boolean; readonly allPages: boolean },
): Promise<void> {
  const { stdout } = context;
  const { doctorContext, close } = openDoctorContext(context, allPages);
  const results: CheckResult[] = [];
  try {
    for await (const result of runChecks(chosen, doctorContext)) {
      results.push(result);
      if (!asJson) stdout.write(`${diagnosis(result, stdout)}\n`);
    }
  } finally {
    await close();
  }
  if (asJson) stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else stdout.write(`\n${summaryOf(results, stdout)}\n`);
  context.exitWith(exitCodeOf(results));
}

/** Wrong settings and reference files are configuration errors, as in every other command. */
function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  const failing = results.filter(({ findings }) => findings.some(({ verdict }) => verdict === 'failed'));
  if (failing.some(({ check }) => check === 'settings' || check === 'reference')) return EXIT.usage;
  return failing.length > 0 ? EXIT.failed : EXIT.green;
}

function openDoctorContext(
  { env, cwd, now, signal, stderr }: CommandContext,
  allPages: boolean,
): {
  readonly doctorContext: DoctorContext;
  readonly close: () => Promise<void>;
} {
  const { config, problems } = inspectConfig(env, { cwd, now: now() });
  const opened: (() => void)[] = [];
  const closeAtEnd = <T extends { close(): void }>(thing: T): T => {
    opened.push(() => thing.close());
    return thing;
  };
  const tenant = once(async () => closeAtEnd(await openTenant(config)));
  const retry = { policy: RETRY_POLICY, clock: now, random: Math.random, sleep };
  const client = once(async () => {
    const transport = { timeoutMs: TIMEOUT_MS };
    return closeAtEnd(
      createClient({ ...(await tenant()), clock: now, sleep, retryPolicy: RETRY_POLICY, transport }),
    );
  });
  const signIn = once(async () => {
    const { config: hosts, credentials } = await tenant();
    const { send } = closeAtEnd(createTransport({ timeoutMs: TIMEOUT_MS, maxConnections: 1 }));
    const breaker = hostBreaker(hosts.authUrl, 'ST_AUTH_URL, ST_ENVIRONMENT');
    return createTokenSource({ authUrl: hosts.authUrl, credentials, send, retry, breaker }).get(signal);
  });
  const doctorContext: DoctorContext = {
    config,
    problems,
    unknownVariables: unknownVariables(env),
    projectDir: PROJECT_DIR,
    temporaryDir: env.TMPDIR ?? tmpdir(),
    now,
    signal,
    sleep,
    tell: (sentence) => void stderr.write(`${sentence}\n`),
    isSandbox: config.credentials === null,
    allPages,
    landing: once(() => openLanding(config)),
    signIn,
    probes: once(async () => {
      // Tries a wrong secret once instead of once per entity.
      await signIn();
      return probeEntities(await client(), config.entities, { now, signal });
    }),
    warehouse: once(async (): Promise<Warehouse | undefined> => {
      return warehouseExists(config) ? closeAtEnd((await openBackend(config)).warehouse) : undefined;
    }),
  };
  return {
    doctorContext,
    close: async () => {
      for (const close of opened.toReversed()) close();
    },
  };
}

/** Calls `make` at the first call, and returns the same promise at every call. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
