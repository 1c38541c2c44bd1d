import http, { type ClientRequest, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before the command line in a process that must die. At the request that CLOUD_KILL_AT names, `kill -9` comes
 * from inside, before its last byte is sent or after its answer arrived. The command line contains no code for this.
 *
 * Points: `before|after` a pattern of method, path and body, such as `after POST /upload/storage/.*manifest.json`.
 */
const [, when = '', pattern = ''] = /^(before|after) (.+)$/.exec(process.env.CLOUD_KILL_AT ?? '') ?? [];
const point = new RegExp(pattern || '(?!)', 's');
const request = http.request as (...args: unknown[]) => ClientRequest;

http.request = ((...args: unknown[]) => {
  const options = args.find((arg): arg is RequestOptions => typeof arg === 'object' && !(arg instanceof URL));
  const sent = request(...args);
  let said = decodeURIComponent(`${options?.method ?? 'GET'} ${sent.path} `);
  const pass = (at: 'before' | 'after') => {
    if (when === at && point.test(said)) process.kill(process.pid, 'SIGKILL');
  };
  const note = (chunk: unknown) => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) said += chunk.toString();
    pass('before');
  };
  const { write, end } = sent;
  sent.write = ((chunk: unknown, ...rest: unknown[]) => {
    note(chunk);
    return (write as (...all: unknown[]) => boolean).call(sent, chunk, ...rest);
  }) as typeof sent.write;
  sent.end = ((chunk: unknown, ...rest: unknown[]) => {
    note(chunk);
    return (end as (...all: unknown[]) => ClientRequest).call(sent, chunk, ...rest);
  }) as typeof sent.end;
  sent.on('response', () => pass('after'));
  return sent;
}) as typeof http.request;
syncBuiltinESMExports();
