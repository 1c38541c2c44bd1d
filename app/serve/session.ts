import type { CommandContext } from '../pipeline/context.ts';
import { configOf, openSession, type Session } from '../pipeline/session.ts';

/** Landing and warehouse, opened when they are first needed and shared by all that looks. */
export interface SharedSession {
  /** The configuration is read anew each time: a day may have passed. @throws what opening throws; the next call tries again */
  get(): Promise<Session>;
  /**
   * Opens a session for a run; its caller closes it. In BigQuery it has nothing to do with any other: its jobs bear the
   * name of the run, and its cost begins at nothing. A DuckDB file, which bills nothing, is open once in a process and so
   * shared. @throws what opening throws
   */
  openFor(runId: string): Promise<Session>;
  close(): Promise<void>;
}

export function shareSession(context: CommandContext): SharedSession {
  let opening: Promise<Session> | undefined;

  async function get(): Promise<Session> {
    const config = configOf(context);
    opening ??= openSession(context, config, 'look').catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return { ...(await opening), config };
  }

  return {
    get,
    async openFor(runId) {
      const config = configOf(context);
      if (config.warehouse.kind === 'bigquery') return openSession(context, config, runId);
      return { ...(await get()), runId, close() {} };
    },
    close: async () => (await opening)?.close(),
  };
}
