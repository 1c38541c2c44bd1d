import { existsSync } from 'node:fs';
import { filesOf, pipelineCommand } from './command.ts';
import { startServer } from './processes.ts';
import type { Bench } from './section.ts';

/** Runs `work` on a warehouse after a first nightly run, while the API server runs. */
export async function withLoaded<T>(
  bench: Bench,
  work: (night: { readonly url: string; readonly folder: string }) => Promise<T>,
): Promise<T> {
  const server = await startServer(bench.tenant);
  try {
    const night = { url: server.url, folder: bench.loaded };
    if (!existsSync(filesOf(bench.loaded).database)) {
      bench.log('  runs a first night to fill a warehouse');
      await pipelineCommand(['nightly', '--json'], night);
    }
    return await work(night);
  } finally {
    await server.close();
  }
}
