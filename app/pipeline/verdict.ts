import type { ActionResult } from '../../engine/action-result.ts';
import type { Verdict } from '../report/data.ts';

/**
 * GREEN when the assertion found nothing. A finding of an assertion tagged `warning` is YELLOW, any other RED. An
 * assertion that could not run proves nothing, so it is RED even when it is only a warning.
 */
export function verdictOf({ status, error, tags }: Pick<ActionResult, 'status' | 'error' | 'tags'>): Verdict {
  if (status === 'passed') return 'GREEN';
  return status === 'failed' && error === undefined && tags.includes('warning') ? 'YELLOW' : 'RED';
}
