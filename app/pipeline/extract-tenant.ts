import { sleep } from '../../base/sleep.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import type { OnEvent } from '../../extract/events.ts';
import { extractAll } from '../../extract/run.ts';
import { type ReportResult, readReports } from '../../extract/saved-reports.ts';
import { declaredTables } from '../../schemas/columns.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { CommandContext } from './context.ts';
import { prepareRawTables, type Session } from './session.ts';
import { withTenant } from './tenant.ts';

/** Results of extraction: one per entity and one per saved report. */
export interface Extracted {
  readonly results: readonly EntityResult[];
  readonly reports: readonly ReportResult[];
}

/**
 * Extracts every chosen entity and then the saved reports, so that both see the same balances. Closes the tenant before the
 * models run, because a sandbox keeps all its records in memory.
 */
export function extractTenant(
  context: CommandContext,
  session: Session,
  onEvent: OnEvent,
): Promise<Extracted> {
  return withTenant(context, session, onEvent, async (run) => ({
    results: await extractAll({ ...run, entities: run.config.entities }),
    reports: await readReports({ ...run, tables: declaredTables(), sleep }),
  }));
}

/** Extracts only these entities. */
export async function extractEntities(
  context: CommandContext,
  session: Session,
  { entities: chosen, onEvent }: { entities: readonly Entity[]; onEvent: OnEvent },
): Promise<readonly EntityResult[]> {
  await prepareRawTables(session, chosen);
  return withTenant(context, session, onEvent, (run) => extractAll({ ...run, entities: chosen }));
}
