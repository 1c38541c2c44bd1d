import { statSync } from 'node:fs';
import { readableCopyPath } from '../../extract/load/duckdb/readable-copy.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf, openReadSession, openSession, type Session } from '../pipeline/session.ts';

/** Landing and warehouse, opened when they are needed. */
export interface SharedSession {
  /**
   * Reads. On DuckDB the copy that the last run left is open as long as a request reads it and no longer, so an idle service
   * holds nothing; on BigQuery one session serves all requests. Reads the configuration at each call, because the day may
   * have changed.
   *
   * @throws errors of opening, and those of `work`
   */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Opens a session for a run; the caller closes it. On BigQuery its jobs have the run's label, and its cost is the run's
   * alone.
   *
   * @throws errors of opening
   */
  openFor(runId: string): Promise<Session>;
  close(): Promise<void>;
}

interface Opened {
  readonly session: Promise<Session>;
  readers: number;
}

export function shareSession(context: CommandContext): SharedSession {
  /** Open files by what they are: a new copy in the place of the old one is another file. */
  const opened = new Map<string, Opened>();
  /** The session of the run; before the first copy is written, readers share it. */
  let writing: Session | undefined;

  function acquire(key: string, open: () => Promise<Session>): Opened {
    const found = opened.get(key) ?? { session: open(), readers: 0 };
    found.readers++;
    opened.set(key, found);
    return found;
  }

  async function release(key: string, one: Opened): Promise<void> {
    one.readers--;
    if (one.readers > 0) return;
    if (opened.get(key) === one) opened.delete(key);
    (await one.session.catch(() => undefined))?.close();
  }

  return {
    async read(work) {
      const config = configOf(context);
      const key = config.warehouse.kind === 'bigquery' ? 'bigquery' : copyKey(config.warehouse.path);
      if (key === NO_COPY && writing) return work({ ...writing, config });
      const one = acquire(key, () => openReadSession(context, config));
      try {
        return await work({ ...(await one.session), config });
      } finally {
        // BigQuery's client holds nothing that shuts others out, and is slow to start.
        if (key === 'bigquery') one.readers--;
        else await release(key, one);
        if (key === 'bigquery') await one.session.catch(() => opened.delete(key));
      }
    },
    async openFor(runId) {
      const config = configOf(context);
      const session = await openSession(context, config, { use: 'read', runId });
      if (config.warehouse.kind === 'bigquery') return session;
      writing = session;
      return {
        ...session,
        close() {
          writing = undefined;
          session.close();
        },
      };
    },
    async close() {
      for (const { session } of opened.values()) (await session.catch(() => undefined))?.close();
      opened.clear();
    },
  };
}

const NO_COPY = 'no copy';

function copyKey(warehousePath: string): string {
  const found = statSync(readableCopyPath(warehousePath), { throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino} ${found.mtimeMs}` : NO_COPY;
}
