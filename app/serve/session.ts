import { LOOK } from '../pipeline/backends.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf, openSession, type Session } from '../pipeline/session.ts';

/** Landing and warehouse, opened when first needed and shared by all read-only routes. */
export interface SharedSession {
  /**
   * Returns the shared session. Reads the configuration at each call, because the day may have changed.
   *
   * @throws errors of opening; the next call tries again
   */
  get(): Promise<Session>;
  /**
   * Opens a session for a run; the caller closes it. On BigQuery it is separate, so that its jobs have the run's label and
   * its cost is the run's alone. A DuckDB file can be open only once per process, so it is shared.
   *
   * @throws errors of opening
   */
  openFor(runId: string): Promise<Session>;
  close(): Promise<void>;
}

export function shareSession(context: CommandContext): SharedSession {
  let opening: Promise<Session> | undefined;

  async function get(): Promise<Session> {
    const config = configOf(context);
    opening ??= openSession(context, config, { runId: LOOK }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return { ...(await opening), config };
  }

  return {
    get,
    async openFor(runId) {
      const config = configOf(context);
      if (config.warehouse.kind === 'bigquery') return openSession(context, config, { use: 'read', runId });
      return { ...(await get()), runId, close() {} };
    },
    close: async () => (await opening)?.close(),
  };
}
