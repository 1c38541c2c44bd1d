import { type Lines, landPages } from './pages.ts';
import type { ProgramSettings, Work } from './program.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;

/**
 * The minimum that any program must do: split the bytes into records, compress and write them. It does not check, parse,
 * copy, limit its calls or flush files.
 */
export function landByFloor(settings: ProgramSettings): Promise<Work> {
  return landPages(settings, splitRecords);
}

/** Replaces each comma between records by a line break, in place. */
export function splitRecords(body: Buffer): Lines {
  const dataStart = body.indexOf('"data":[') + 8;
  const head = body.toString('latin1', 0, dataStart);
  const length = body.length;
  let depth = 0;
  let rows = 0;
  let at = dataStart;
  for (; at < length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      for (at++; body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0) break;
      if (--depth === 0) rows++;
    } else if (byte === COMMA && depth === 0) body[at] = NEWLINE;
  }
  body[at] = NEWLINE;
  return {
    ndjson: body.subarray(dataStart, at + 1),
    rows,
    hasMore: head.includes('"hasMore":true'),
    continueFrom: /"continueFrom":"([^"]*)"/.exec(head)?.[1] ?? '',
  };
}
