import type { CommandContext } from '../cli/context.ts';
import { configOf, openSession, type Session } from '../cli/session.ts';

/** Landing and warehouse, opened when they are first needed and shared by everything that the process does. */
export interface SharedSession {
  /** The configuration is read anew each time: a day may have passed. @throws what opening throws; the next call tries again */
  get(): Promise<Session>;
  close(): Promise<void>;
}

export function shareSession(context: CommandContext): SharedSession {
  let opening: Promise<Session> | undefined;
  return {
    async get() {
      const config = configOf(context);
      opening ??= openSession(context, config).catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return { ...(await opening), config };
    },
    close: async () => (await opening)?.close(),
  };
}
