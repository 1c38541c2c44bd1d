import type { BigqueryField } from '../../../schemas/columns.ts';
import type { BigqueryClient } from './client.ts';
import type { Job } from './jobs.ts';

interface QueryResponse {
  readonly jobComplete?: boolean;
  readonly schema?: { readonly fields?: readonly BigqueryField[] };
  readonly rows?: readonly ResponseRow[];
  readonly pageToken?: string;
}

interface ResponseRow {
  readonly f: readonly { readonly v: unknown }[];
}

/** A value of a row: text, boolean or null, or a list or object of these. */
export type Cell = string | boolean | null | readonly Cell[] | { readonly [name: string]: Cell };

/** The rows of a query that has ended, in the same format as the DuckDB warehouse returns them. */
export async function rowsOf(
  client: BigqueryClient,
  { jobReference }: Job,
): Promise<readonly Readonly<Record<string, Cell>>[]> {
  const rows: Record<string, Cell>[] = [];
  let fields: readonly BigqueryField[] = [];
  let pageToken: string | undefined;
  do {
    const answer: QueryResponse = await client.request<QueryResponse>(
      'GET',
      `/queries/${jobReference.jobId}`,
      {
        query: {
          location: client.location,
          'formatOptions.useInt64Timestamp': 'true',
          ...(pageToken !== undefined && { pageToken }),
        },
      },
    );
    fields = answer.schema?.fields ?? fields;
    for (const row of answer.rows ?? []) rows.push(record(row, fields));
    pageToken = answer.pageToken;
  } while (pageToken !== undefined && pageToken !== '');
  return rows;
}

function record({ f }: ResponseRow, fields: readonly BigqueryField[]): Record<string, Cell> {
  return Object.fromEntries(fields.map((field, index) => [field.name, cell(f[index]?.v, field)]));
}

function cell(value: unknown, field: BigqueryField): Cell {
  if (value === null || value === undefined) return null;
  if (field.mode === 'REPEATED') {
    const items = value as readonly { readonly v: unknown }[];
    return items.map(({ v }) => cell(v, { ...field, mode: 'NULLABLE' }));
  }
  switch (field.type) {
    case 'RECORD':
    case 'STRUCT':
      return record(value as ResponseRow, field.fields ?? []);
    case 'BOOLEAN':
    case 'BOOL':
      return value === true || value === 'true';
    case 'NUMERIC':
      return nineDecimals(String(value));
    case 'TIMESTAMP':
      return instantText(BigInt(String(value)));
    default:
      return String(value);
  }
}

/** `12.5` → `12.500000000`, as DuckDB writes a DECIMAL(38,9). Also reads the emulator's `0E-9` and `1.5E-8`. */
function nineDecimals(text: string): string {
  const [number = '', exponent = '0'] = text.replace(/^-/, '').split('E');
  const [whole = '', decimals = ''] = number.split('.');
  const shift = 9 + Number(exponent) - decimals.length;
  const digits = String(BigInt(whole + decimals) * 10n ** BigInt(shift)).padStart(10, '0');
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** `2025-10-27 12:01:00.25+00`, as DuckDB writes a TIMESTAMPTZ in a UTC session. */
function instantText(microseconds: bigint): string {
  const seconds = microseconds / 1_000_000n - (microseconds % 1_000_000n < 0n ? 1n : 0n);
  const fraction = String(microseconds - seconds * 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${text}${fraction === '' ? '' : `.${fraction}`}+00`;
}
