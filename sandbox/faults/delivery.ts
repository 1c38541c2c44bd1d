import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, renderBody } from '../answer.ts';
import { type Fault, findFault } from './faults.ts';

const WRITES_PER_SECOND = 10;

/** Writes an answer to the connection, and applies the faults that concern bytes, timing and the connection. */
export async function deliver(
  response: ServerResponse,
  answer: Answer,
  faults: readonly Fault[],
  signal: AbortSignal,
): Promise<void> {
  const body = faultyBytes(Buffer.from(renderBody(answer.body)), faults);
  const delay = findFault(faults, 'delay');
  if (delay) await sleep(delay.ms, undefined, { signal });

  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  const reset = findFault(faults, 'reset');
  if (reset) return resetAfter(response, body.subarray(0, reset.afterBytes));
  const stall = findFault(faults, 'stall');
  if (stall) {
    response.flushHeaders();
    response.write(body.subarray(0, stall.afterBytes));
    return;
  }
  const trickle = findFault(faults, 'trickle');
  if (trickle) await writeSlowly(response, body, trickle.bytesPerSecond, signal);
  else response.end(body);
}

function faultyBytes(body: Buffer, faults: readonly Fault[]): Buffer {
  let bytes = body;
  for (const fault of faults) {
    if (fault.kind === 'truncate') bytes = bytes.subarray(0, fault.bytes);
    if (fault.kind !== 'bytes') continue;
    const at = bytes.indexOf(fault.find);
    if (at === -1) continue;
    const rest = bytes.subarray(at + Buffer.byteLength(fault.find));
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(fault.hex, 'hex'), rest]);
  }
  return bytes;
}

/** Resets the connection after the client has received the bytes. */
function resetAfter(response: ServerResponse, bytes: Buffer): void {
  response.flushHeaders();
  if (bytes.length === 0) response.socket?.resetAndDestroy();
  else response.write(bytes, () => response.socket?.resetAndDestroy());
}

async function writeSlowly(
  response: ServerResponse,
  body: Buffer,
  bytesPerSecond: number,
  signal: AbortSignal,
): Promise<void> {
  const step = Math.max(1, Math.ceil(bytesPerSecond / WRITES_PER_SECOND));
  for (let at = 0; at < body.length && !response.destroyed; at += step) {
    response.write(body.subarray(at, at + step));
    await sleep(1000 / WRITES_PER_SECOND, undefined, { signal });
  }
  response.end();
}
