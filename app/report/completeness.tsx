import { instantOf } from '../../extract/load/instant.ts';
import type { EntityRow, ReportData } from './data.ts';
import { countText, kpiText, minuteText } from './format.ts';
import { labelsThatNeed } from './kpis.ts';
import { Badge, Section, Table } from './parts.tsx';

const COUNTS = {
  records_source: 'At the source',
  records_read: 'Read',
  records_landed: 'Landed',
  records_loaded: 'Loaded',
  records_visible: 'Visible',
  records_new: 'New',
  records_rejected: 'Rejected',
  api_calls: 'Calls',
} as const;

/** What was not read to the end, with the reason and what to type. */
export function FailedReads({ entities, timeZone }: Pick<ReportData, 'entities' | 'timeZone'>) {
  const failed = entities.filter(({ status }) => status !== 'success');
  return (
    <>
      {failed.map(({ entity, error, watermark }) => (
        <p key={entity} class="finding red">
          {`${entity}: ${error ?? 'the log has no reason'}. Nothing is lost. ${lacksText(entity, watermark, timeZone)}Once that is mended, `}
          <code>npm run nightly</code> continues where it stopped.
        </p>
      ))}
    </>
  );
}

/** `Collected may lack what changed after 27 Oct 2025, 10:19. `; nothing if no number is made of the entity. */
function lacksText(entity: string, watermark: string | null, timeZone: string): string {
  const labels = labelsThatNeed([entity]);
  if (labels.length === 0 || watermark === null) return '';
  // The failed run may be a backfill of an older range, after which nothing is lacking.
  return `${labels.join(', ')} may lack what changed after ${minuteText(watermark, timeZone)}. `;
}

/** Whether everything was read, and the receipt of each entity's last run: how many records each step counted. */
export function Completeness({ entities, timeZone }: Pick<ReportData, 'entities' | 'timeZone'>) {
  const failed = entities.filter(({ status }) => status !== 'success');
  const fresh = entities.reduce((sum, { records_new }) => sum + Number(records_new ?? 0), 0);
  const newest = entities
    .flatMap(({ watermark }) => watermark ?? [])
    .toSorted((a, b) => instantOf(a).getTime() - instantOf(b).getTime())
    .at(-1);
  return (
    <Section id="completeness" title="Is it complete, and how fresh?">
      <p>
        {`${entities.length - failed.length} of ${countText(entities.length, 'kind')} of records were read to the end; ` +
          `${countText(fresh, 'record')} ${fresh === 1 ? 'is' : 'are'} new or changed.` +
          (newest
            ? ` The newest change that was read is of ${minuteText(newest, timeZone)} (${timeZone}).`
            : '')}
      </p>
      <FailedReads entities={entities} timeZone={timeZone} />
      <details>
        <summary>The receipt of each kind of record</summary>
        <p class="quiet">
          Read, landed and loaded must agree. A dash under "At the source" means that the API cannot count the
          same records.
        </p>
        <Receipts entities={entities} timeZone={timeZone} />
      </details>
    </Section>
  );
}

export function Receipts({ entities, timeZone }: Pick<ReportData, 'entities' | 'timeZone'>) {
  const counts = Object.entries(COUNTS) as [keyof typeof COUNTS, string][];
  return (
    <Table
      caption={`The last receipt of each entity; times in ${timeZone}`}
      columns={[
        ...['Entity', 'Status', 'Ended', 'Newest change'].map((title) => ({ title })),
        ...counts.map(([, title]) => ({ title, isNumber: true })),
      ]}
      rows={entities.map((row: EntityRow) => ({
        key: row.entity,
        cells: [
          row.entity,
          row.status === 'success' ? row.status : <Badge key="status" verdict="RED" text={row.status} />,
          minuteText(row.end_time, timeZone),
          minuteText(row.watermark, timeZone),
          ...counts.map(([name]) => kpiText(name, row[name])),
        ],
      }))}
    />
  );
}
