import type { RejectedRecord } from './write-lines.ts';

/** A rejected record as it is landed; `record` is its JSON text as the API sent it. */
export interface RejectedLine {
  readonly id: string | null;
  readonly record: string;
  readonly errors: readonly string[];
  readonly rejected_at: string;
}

export function rejectedLines(records: readonly RejectedRecord[], at: string): string {
  return records
    .map(({ id, text, errors }) => {
      const line: RejectedLine = { id, record: text, errors, rejected_at: at };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}

/** The rules that were broken, without array positions, and by how many records. */
export function countReasons(records: readonly RejectedRecord[], counts: Map<string, number>): void {
  for (const { errors } of records) {
    const reasons = new Set(errors.map((error) => error.replace(/\/\d+(?=[/:])/g, '/*')));
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
}
