import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as zlib from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Canary } from './canaries.ts';

/**
 * Finds canaries in a text or in bytes, plain or in another form: base64, hex, URL, HTML, JSON, UTF-16,
 * gzip or zstd around any of it. Names each sighting as `client secret (base64)`.
 */
export function sightings(content: string | Buffer, canaries: readonly Canary[]): readonly string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const texts = [bytes, ...unzipped(bytes)].map((each) => each.toString('latin1').toLowerCase());
  return canaries.flatMap(({ name, texts: spellings }) => {
    const found = spellings
      .flatMap((text) => formsOf(text))
      .find(([, form]) => texts.some((t) => t.includes(form)));
    return found ? [`${name} (${found[0]})`] : [];
  });
}

/**
 * The same for every file below a folder; `canariesOf` returns the canaries to look for in a file by its path. A file that
 * was searched for the same list and was not written since is not searched again.
 */
export function sightingsInFiles(
  folder: string,
  canariesOf: (path: string) => readonly Canary[],
): readonly string[] {
  return filesBelow(folder).flatMap((file) => {
    const path = relative(folder, file);
    const inName = sightings(path, canariesOf(''));
    const inside = sightingsInFile(file, canariesOf(path));
    return [...inName, ...inside].map((sighting) => `${path}: ${sighting}`);
  });
}

const searched = new WeakMap<readonly Canary[], Map<string, Searched>>();
interface Searched {
  readonly written: string;
  readonly found: readonly string[];
}

function sightingsInFile(file: string, canaries: readonly Canary[]): readonly string[] {
  if (canaries.length === 0) return [];
  const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  const written = [ino, size, mtimeNs, ctimeNs].join();
  const files = searched.get(canaries) ?? new Map<string, Searched>();
  searched.set(canaries, files);
  const known = files.get(file);
  if (known?.written === written) return known.found;
  const found = sightings(readFileSync(file), canaries);
  files.set(file, { written, found });
  return found;
}

export function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Tables of a DuckDB file, other than those of the named datasets, in which a row holds a canary. */
export async function sightingsInTables(
  path: string,
  canaries: readonly Canary[],
  allowed: (table: string) => boolean,
): Promise<{ readonly sightings: readonly string[]; readonly searched: readonly string[] }> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    const tables = (await rows(`SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()`)).map(
      ({ name }) => String(name),
    );
    const searched = tables.filter((table) => !allowed(table));
    const found: string[] = [];
    for (const table of searched) {
      const content = (await rows(`SELECT r::VARCHAR AS text FROM ${table} AS r`))
        .map(({ text }) => text)
        .join('\n');
      found.push(...sightings(content, canaries).map((sighting) => `${table}: ${sighting}`));
    }
    return { sightings: found, searched };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Form = readonly [name: string, text: string];

/** In lower case, as bytes read one to one; base64 without the signs that its neighbours share. Each form once. */
function formsOf(text: string): readonly Form[] {
  const known = FORMS.get(text);
  if (known) return known;
  const bytes = Buffer.from(text);
  const escaped = (each: (byte: string) => string) => [...text].map(each).join('');
  const code = (sign: string, digits: number) => sign.charCodeAt(0).toString(16).padStart(digits, '0');
  const forms: readonly Form[] = [
    ['as it is', bytes.toString('latin1')],
    ['hex', bytes.toString('hex')],
    ['URL', encodeURIComponent(text)],
    ['form', new URLSearchParams({ v: text }).toString().slice(2)],
    ['URL, every byte', escaped((sign) => `%${code(sign, 2)}`)],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['JSON, every sign', escaped((sign) => `\\u${code(sign, 4)}`)],
    ['HTML', text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['UTF-16', Buffer.from(text, 'utf16le').toString('latin1')],
    ...[0, 1, 2].flatMap((offset): readonly Form[] => {
      const padded = Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .replaceAll('=', '');
      const whole = padded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
      // Lower case makes base64 ambiguous: short texts would be found everywhere.
      return whole.length < 8
        ? []
        : [
            ['base64', whole],
            ['base64url', whole.replaceAll('+', '-').replaceAll('/', '_')],
          ];
    }),
  ];
  const names = new Map<string, string>();
  for (const [name, form] of forms) {
    const lower = form.toLowerCase();
    if (!names.has(lower)) names.set(lower, name);
  }
  const each = [...names].map(([form, name]): Form => [name, form]);
  FORMS.set(text, each);
  return each;
}

const FORMS = new Map<string, readonly Form[]>();

// Node has zstd from 22.15 on; landings hold it there.
const { zstdDecompressSync } = zlib as unknown as { readonly zstdDecompressSync?: (bytes: Buffer) => Buffer };

/** The contents of gzip members and zstd frames within the bytes. */
function unzipped(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(ZSTD); zstdDecompressSync && at >= 0; at = bytes.indexOf(ZSTD, at + 1)) {
    try {
      found.push(zstdDecompressSync(bytes.subarray(at)));
    } catch {
      // Four bytes only looked like the start of a zstd frame.
    }
  }
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    try {
      found.push(zlib.gunzipSync(bytes.subarray(at), { finishFlush: 2 }));
    } catch {
      // Three bytes only looked like the start of a gzip member.
    }
  }
  return found;
}

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
