import type { Question } from './question.ts';
import { ACCESS } from './questions/access.ts';
import { FEEDS, LAST } from './questions/feeds.ts';
import { LISTS } from './questions/lists.ts';
import { RECORDS } from './questions/records.ts';

/** What the pipeline assumes of a tenant and what one can see by reading: one row each, in the order of asking. */
export const QUESTIONS: readonly Question[] = [...ACCESS, ...FEEDS, ...LISTS, ...RECORDS, ...LAST];
