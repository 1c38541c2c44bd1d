import { landPages } from './pages.ts';
import type { ProgramSettings, Work } from './program.ts';

interface Answer {
  readonly hasMore: boolean;
  readonly continueFrom: string;
  readonly data: readonly unknown[];
}

/** The simplest program: parses each answer with JSON.parse and writes each record with JSON.stringify. */
export function landByReparse(settings: ProgramSettings): Promise<Work> {
  return landPages(settings, (body) => {
    const { hasMore, continueFrom, data }: Answer = JSON.parse(body.toString('utf8'));
    const ndjson = Buffer.from(`${data.map((record) => JSON.stringify(record)).join('\n')}\n`);
    return { ndjson, rows: data.length, hasMore, continueFrom };
  });
}
