import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { CommandContext } from '../../../app/pipeline/context.ts';
import { startService } from '../../../app/serve/service.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { filesIn, ownFolder, PROJECT } from '../../e2e/command.ts';
import { settings } from '../../e2e/settings.ts';
import { type Document, documentProblems } from './document.ts';

interface Asked {
  readonly method?: 'GET' | 'POST' | 'HEAD' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the service answers.
  readonly json: any;
}

export type Ask = (path: string, asked?: Asked) => Promise<Answered>;

/** The settings of a service on a free port that reads this tenant into this folder. */
export function serviceSettings(folder: string, tenant?: Sandbox) {
  return { PORT: '0', ...filesIn(folder), ...(tenant ? settings(tenant) : {}) };
}

/**
 * Starts the service in this process on a real socket; it ends with the test. Every answer is checked against the
 * OpenAPI document that it serves.
 */
export async function runningService(
  options: {
    readonly tenant?: Sandbox;
    readonly env?: Readonly<Record<string, string>>;
    readonly folder?: string;
    readonly now?: () => Date;
    /** Sent with every request. */
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
) {
  const { tenant, env = {}, folder = ownFolder().folder, now = () => new Date(), headers = {} } = options;
  const stopping = new AbortController();
  const log: string[] = [];
  const context: CommandContext = {
    env: { ...serviceSettings(folder, tenant), ...env },
    cwd: PROJECT,
    stdout: sink([]),
    stderr: sink(log) as unknown as NodeJS.WriteStream,
    signal: stopping.signal,
    now,
    exitWith() {},
  };
  const service = await startService(context);
  async function stop(): Promise<void> {
    stopping.abort(new Error('stopped by SIGTERM'));
    await service.close();
  }
  onTestFinished(stop);
  const ask = asking(service.url, headers);
  return { url: service.url, ask, stop, log, folder };
}

/** Sends requests and throws for an answer that the document does not describe. */
export function asking(url: string, always: Readonly<Record<string, string>> = {}): Ask {
  let document: Promise<Document> | undefined;
  const load = async () =>
    (await (await fetch(`${url}/openapi.json`, { headers: always })).json()) as Document;
  return async (path, { method = 'GET', headers = {}, body } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...always, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const json = type.endsWith('json') && text !== '' ? JSON.parse(text) : undefined;
    const answered = { status: response.status, type, headers: response.headers, text, json };
    document ??= load();
    const problems = documentProblems(await document, { method, path }, answered);
    if (problems.length > 0) throw new Error(`${method} ${path} ${response.status}: ${problems.join('; ')}`);
    return answered;
  };
}

function sink(chunks: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
}
