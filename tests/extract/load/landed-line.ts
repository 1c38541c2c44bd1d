import { quoteHighPrecisionNumbers } from '../../../extract/pages/high-precision-numbers.ts';
import { createMend, hasExponent } from '../../../extract/pages/mend.ts';
import { createRowHash } from '../../../extract/pages/row-hash.ts';
import { returnKnownFields } from '../../../extract/pages/unknown-fields.ts';
import { columnsOf } from '../../../schemas/columns.ts';
import { readSchema } from '../../../schemas/schema-files.ts';

/** The lines of a page as the extractor lands them, from records whose unknown fields are in `_extra` already. */
export function landedLines(
  entity: string,
  records: readonly string[],
  page: { readonly runId: string; readonly file: string; readonly extractedAt: Date },
): string {
  const columns = columnsOf(readSchema(entity));
  const rowHash = createRowHash(columns, 'modifiedOn');
  const mend = createMend(columns);
  const lines = records.map((record, index) => {
    // The hash is made of the record as it came.
    const original = Buffer.from(returnKnownFields(record, () => ({ type: 'STRING' })));
    const hash = rowHash(original, 0);
    const extractedAt = page.extractedAt.toISOString().replace('Z', `${String(index).padStart(3, '0')}Z`);
    const members = `"_row_hash":"${hash}","_extracted_at":"${extractedAt}","_page":"${page.runId}/${page.file}"`;
    const text = hasExponent(record) ? mend(record).text : record;
    return `${quoteHighPrecisionNumbers(text).slice(0, -1)},${members}}\n`;
  });
  return lines.join('');
}
