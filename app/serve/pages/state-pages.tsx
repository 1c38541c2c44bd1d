import { STATUS_CODES } from 'node:http';
import { Completeness, FailedReads, Receipts } from '../../report/completeness.tsx';
import type { ReportData } from '../../report/data.ts';
import { countText } from '../../report/format.ts';
import { AllChecks, LookAt } from '../../report/look-at.tsx';
import { Table } from '../../report/parts.tsx';
import { sitePage } from './layout.tsx';

/** Records that differ from their schema, or were rejected. */
export interface DriftLine {
  readonly entity: string;
  readonly what: string;
  readonly records: string;
}

/** How fresh and complete each entity is, and how its records differ from their schema. */
export function entitiesPage(
  { entities, timeZone }: Pick<ReportData, 'entities' | 'timeZone'>,
  drift: readonly DriftLine[],
): string {
  return sitePage(
    'Entities',
    <>
      <FailedReads entities={entities} timeZone={timeZone} />
      <Receipts entities={entities} timeZone={timeZone} />
      <h2>How records differ from their schemas</h2>
      {drift.length === 0 ? (
        <p>Every record that was read fits its schema.</p>
      ) : (
        <Table
          caption="Drift"
          hideCaption
          columns={[{ title: 'Entity' }, { title: 'Difference' }, { title: 'Records', isNumber: true }]}
          rows={drift.map((row) => ({
            key: `${row.entity} ${row.what}`,
            cells: [row.entity, row.what, row.records],
          }))}
        />
      )}
    </>,
  );
}

/** What the checks found, and every check by name. */
export function checksPage({ assertions, entities, timeZone }: ReportData): string {
  return sitePage(
    'Checks',
    <>
      <LookAt assertions={assertions} />
      <Completeness entities={entities} timeZone={timeZone} />
      <details>
        <summary>{`All ${countText(assertions.length, 'check')} by name`}</summary>
        <AllChecks assertions={assertions} />
      </details>
    </>,
  );
}

/** An error for a person: what happened and where to go on. */
export function errorPage(status: number, detail: string): string {
  return sitePage(
    `${status} ${STATUS_CODES[status] ?? ''}`.trim(),
    <>
      <p>{detail}</p>
      <p>
        <a href="/">Back to the report</a>
      </p>
    </>,
  );
}
