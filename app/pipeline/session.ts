import { randomBytes } from 'node:crypto';
import { safeMessage } from '../../base/errors.ts';
import { type Config, readConfig } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { declaredTables, rawTable } from '../../schemas/columns.ts';
import type { Entity } from '../../schemas/entities.ts';
import { type Backend, LOOK, openBackend, openLanding, openReadableBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { assertSource } from './source.ts';

/** What all steps share: the configuration, and the open landing and warehouse. */
export interface Session extends Backend {
  readonly config: Config;
  readonly landing: Landing;
  readonly runId: string;
  /** Where the records come from, in words. */
  readonly source: string;
  close(): void;
}

export function configOf({ env, cwd, now }: CommandContext): Config {
  return readConfig(env, { cwd, now: now() });
}

/**
 * Opens landing and warehouse, and creates missing tables. The caller closes the session.
 *
 * @param use `read` if the tenant is read: landing and warehouse must not belong to another one.
 */
export async function openSession(
  context: CommandContext,
  config: Config,
  {
    use = 'look',
    runId = nextRunId(context),
  }: { readonly use?: 'read' | 'look'; readonly runId?: string } = {},
): Promise<Session> {
  const landing = await openLanding(config);
  const backend = await openBackend(config, runId);
  try {
    if (use === 'read') await assertSource({ config, landing, warehouse: backend.warehouse });
    await backend.warehouse.prepare(declaredTables(config.entities.map(({ name }) => name)));
  } catch (error) {
    backend.warehouse.close();
    throw error;
  }
  return {
    config,
    landing,
    ...backend,
    runId,
    source: sourceText(config),
    close: () => backend.warehouse.close(),
  };
}

/** Creates the raw tables of entities that a command names although no night reads them. */
export async function prepareRawTables(
  { config, warehouse }: Pick<Session, 'config' | 'warehouse'>,
  named: readonly Entity[],
): Promise<void> {
  const others = named.filter((entity) => !config.entities.includes(entity));
  if (others.length > 0) await warehouse.prepare(others.map(({ name }) => rawTable(name)));
}

/** Opens what readers read, without shutting out a run; the warehouse itself before the first run has ended. */
export async function openReadSession(context: CommandContext, config: Config): Promise<Session> {
  // BigQuery shuts nobody out; where nothing was loaded yet, its tables are created first.
  const backend = config.warehouse.kind === 'bigquery' ? undefined : await openReadableBackend(config);
  if (!backend) return openSession(context, config, { runId: LOOK });
  const landing = await openLanding(config);
  const close = () => backend.warehouse.close();
  return { config, landing, ...backend, runId: LOOK, source: sourceText(config), close };
}

/**
 * Lets readers see what the run has written. A copy that cannot be written does not fail the run: readers keep the one
 * before, and a sentence says why.
 */
export async function publish(
  { publish: write, noteStatus }: Session,
  say: (sentence: string) => void,
): Promise<void> {
  await write?.().catch((error: unknown) => {
    say(
      `Readers still see the numbers of before, because their copy could not be written: ${safeMessage(error)}`,
    );
  });
  // Without the note, `status` opens the warehouse.
  await noteStatus?.().catch(() => {});
}

function sourceText({ credentials }: Config): string {
  return credentials ? `tenant ${credentials.tenantId} of ServiceTitan` : 'the sandbox tenant';
}

/** The id of a run that starts now. */
export function nextRunId({ now }: CommandContext): string {
  return newRunId(now(), randomBytes(3).toString('hex'));
}
