import type { ActionResult } from '../../engine/action-result.ts';
import type { Verdict } from '../report/data.ts';

/**
 * GREEN when the assertion found nothing. A finding is YELLOW if the assertion is tagged `warning`, else RED. An
 * assertion that could not run proves nothing, so it is RED even if it is tagged `warning`.
 */
export function verdictOf({ status, error, tags }: Pick<ActionResult, 'status' | 'error' | 'tags'>): Verdict {
  if (status === 'passed') return 'GREEN';
  return status === 'failed' && error === undefined && tags.includes('warning') ? 'YELLOW' : 'RED';
}
