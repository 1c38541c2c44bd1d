import type { GoogleSql } from './server.ts';

/** GoogleSQL, whose process starts with the first question; without one, not even its client is loaded. */
export function startedWhenNeeded(): GoogleSql {
  let started: Promise<GoogleSql> | undefined;
  const engine = () => {
    started ??= import('./server.ts').then(({ startGoogleSql }) => startGoogleSql());
    return started;
  };
  return {
    analyze: async (...question) => (await engine()).analyze(...question),
    evaluate: async (...question) => (await engine()).evaluate(...question),
    // A start that failed was reported to whoever asked.
    close: () => void started?.then((one) => one.close()).catch(() => {}),
  };
}
