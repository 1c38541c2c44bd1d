import type { RejectedRecord } from './write-lines.ts';

/** A line of a landed `rejected-*` file; `record` is the JSON text as the API sent it. */
export interface RejectedLine {
  readonly id: string | null;
  readonly record: string;
  readonly errors: readonly string[];
  readonly rejected_at: string;
}

export function rejectedLines(records: readonly RejectedRecord[]): string {
  return records
    .map(({ id, text, errors, extractedAt }) => {
      const line: RejectedLine = { id, record: text, errors, rejected_at: extractedAt };
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
}

/** Adds the records' broken rules to `counts`: the number of records per rule, without array positions. */
export function countReasons(records: readonly RejectedRecord[], counts: Map<string, number>): void {
  for (const { errors } of records) {
    const reasons = new Set(errors.map((error) => error.replace(/\/\d+(?=[/:])/g, '/*')));
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
}
