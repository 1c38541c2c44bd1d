import { statSync } from 'node:fs';
import type { Config } from '../../extract/config.ts';
import { readableCopyPath } from '../../extract/load/duckdb/readable-copy.ts';
import { LOOK } from '../pipeline/backends.ts';
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
  /** Changes whenever readers would see something else; null where nobody can say. */
  state(): string | null;
  close(): Promise<void>;
}

interface Opened {
  readonly session: Promise<Session>;
  readers: number;
}

export function shareSession(context: CommandContext): SharedSession {
  /** Open files by what they are: a new copy in the place of the old one is another file. */
  const opened = new Map<string, Opened>();
  /** A file is opened again only after it was closed: closing the first would drop the second's lock. */
  let closed: Promise<void> = Promise.resolve();
  let bigquery: Promise<Session> | undefined;

  function acquire(key: string, open: () => Promise<Session>): Opened {
    const found = opened.get(key) ?? { session: closed.then(open), readers: 0 };
    found.readers++;
    opened.set(key, found);
    return found;
  }

  async function release(key: string, one: Opened): Promise<void> {
    one.readers--;
    if (one.readers > 0) return;
    if (opened.get(key) === one) opened.delete(key);
    closed = one.session.then(
      (session) => session.close(),
      () => {},
    );
    await closed;
  }

  /** The warehouse itself. A second instance in this process could write the same file, so all users share one. */
  const acquireWarehouse = (config: Config) =>
    acquire(WAREHOUSE, () => openSession(context, config, { runId: LOOK }));

  return {
    async read(work) {
      const config = configOf(context);
      // BigQuery's client holds nothing that shuts others out, and is slow to start, so it stays open.
      if (config.warehouse.kind === 'bigquery') {
        bigquery ??= openReadSession(context, config).catch((error: unknown) => {
          bigquery = undefined;
          throw error;
        });
        return work({ ...(await bigquery), config });
      }
      const copy = copyKey(config.warehouse.path);
      const key = copy ?? WAREHOUSE;
      const one = copy ? acquire(copy, () => openReadSession(context, config)) : acquireWarehouse(config);
      try {
        return await work({ ...(await one.session), config });
      } finally {
        await release(key, one);
      }
    },
    async openFor(runId) {
      const config = configOf(context);
      if (config.warehouse.kind === 'bigquery') return openSession(context, config, { use: 'read', runId });
      const one = acquireWarehouse(config);
      try {
        // Other runs share the warehouse, and may change what was noted before it is closed.
        const { noteStatus: _, ...session } = await one.session;
        return { ...session, config, runId, close: () => void release(WAREHOUSE, one) };
      } catch (error) {
        await release(WAREHOUSE, one);
        throw error;
      }
    },
    state() {
      const { warehouse } = configOf(context);
      return warehouse.kind === 'duckdb' ? copyKey(warehouse.path) : null;
    },
    async close() {
      for (const session of [...[...opened.values()].map((one) => one.session), bigquery]) {
        (await session?.catch(() => undefined))?.close();
      }
      opened.clear();
    },
  };
}

/** The key of the warehouse among the open files. */
const WAREHOUSE = 'warehouse';

/** Which copy there is, if there is one. */
function copyKey(warehousePath: string): string | null {
  try {
    const { dev, ino, mtimeMs } = statSync(readableCopyPath(warehousePath));
    return `${dev} ${ino} ${mtimeMs}`;
  } catch {
    // If the folder is wrong too, opening the warehouse says so.
    return null;
  }
}
