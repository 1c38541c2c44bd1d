import { DAY_MS } from '../../base/calendar.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config } from '../config.ts';
import type { Manifest } from '../landing/manifest.ts';
import type { StoredRecords } from '../load/stored-records.ts';
import { IDS_PER_CALL } from './by-id.ts';

/**
 * The records whose turn it is to be read again by id: some changes, such as of an invoice's lines, leave `modifiedOn` as it
 * was, so no feed shows them. The turn follows from the run date, so that every record is read again once in as many nights as
 * the call budget needs for all of them. Only entities whose list sends the same fields as their feed take part.
 *
 * @returns at most as many ids as `REREAD_CALLS` calls can ask for; none by default.
 */
export async function rereadIds(
  { openRecords }: Pick<Entity, 'openRecords'>,
  mode: Manifest['mode'],
  { rereadCalls = 0, runDate }: Partial<Pick<Config, 'rereadCalls'>> & Pick<Config, 'runDate'>,
  stored: Pick<StoredRecords, 'count' | 'keys'>,
): Promise<readonly string[]> {
  if (openRecords === undefined || mode !== 'incremental' || rereadCalls === 0) return [];
  const share = rereadCalls * IDS_PER_CALL;
  const turns = Math.max(1, Math.ceil((await stored.count(undefined)) / share));
  const turn = Math.floor(Date.parse(`${runDate}T00:00:00Z`) / DAY_MS) % turns;
  return stored.keys({ limit: share, offset: turn * share });
}
