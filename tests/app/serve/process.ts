import { onTestFinished } from 'vitest';
import { type Command, start } from '../../e2e/command.ts';
import { type Ask, asking } from './service.ts';

/** A service in a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly ask: Ask;
  readonly command: Command;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  /** Resolves at the next line that matches. */
  line(pattern: RegExp): Promise<void>;
  /** Asks it to stop; tells how it ended and after how many milliseconds. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

/** Starts `npm run serve` and waits until it says where it listens; it is killed with the test if it is still there. */
export async function serviceProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const log: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];
  let listening: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    listening = resolve;
  });
  const command = start(
    ['serve'],
    { PORT: '0', ...env },
    {
      onOutput: (text) => listening(text.trim()),
      onLine(line) {
        log.push(line);
        for (const { pattern, found } of waiting) if (pattern.test(line)) found();
      },
    },
  );
  onTestFinished(() => command.kill('SIGKILL'));
  const reached = await Promise.race([url, command.ended.then(() => undefined)]);
  if (reached === undefined) throw new Error(`The service ended: ${log.join('\n')}`);
  const ask = asking(reached);
  // Whatever is asked later may be answered only when the service has stopped: the document is read before.
  await ask('/health');
  return {
    ...{ url: reached, command, log, ask },
    line: (pattern) => new Promise((found) => waiting.push({ pattern, found: () => found() })),
    async stop() {
      const asked = performance.now();
      command.kill('SIGTERM');
      const { code } = await command.ended;
      return { code, ms: performance.now() - asked };
    },
  };
}
