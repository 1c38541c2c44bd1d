import { onTestFinished } from 'vitest';
import { type Command, start } from '../../e2e/command.ts';
import { type Ask, asking } from './service.ts';

/** A service in a separate process. */
export interface ServiceProcess {
  readonly url: string;
  readonly ask: Ask;
  readonly command: Command;
  /** The log lines so far. */
  readonly log: readonly string[];
  /** Resolves at the next log line that matches. */
  line(pattern: RegExp): Promise<void>;
  /** Asks the service to stop; returns how it ended and after how many milliseconds. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

/** Starts `npm run serve` and waits until it prints its address. It is killed at the end of the test if it still runs. */
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
  // The document is read now, because later requests may be answered only after the service has stopped.
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

/** Asks for a night and waits for its end. A client gives up after 300 s without an answer; the same key asks for the same run. */
export async function nightByHttp(ask: Ask, key: string): ReturnType<Ask> {
  const answer = await ask('/nightly', {
    method: 'POST',
    headers: { Prefer: 'wait=200', 'Idempotency-Key': key },
  });
  return answer.status === 202 ? nightByHttp(ask, key) : answer;
}
