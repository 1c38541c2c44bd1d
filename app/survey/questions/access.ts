import { entities } from '../../../schemas/entities.ts';
import type { Question } from '../question.ts';

const ALL = entities.map(({ name }) => name);

/** What the pipeline assumes of signing in, of refusals and of limits. */
export const ACCESS: readonly Question[] = [
  {
    id: 'token-lifetime',
    assumes: 'An access token lives 900 seconds.',
    how: 'sign-in: expires_in',
    ask: { kind: 'sign-in' },
    consequence: 'Nothing breaks: the client renews a token a minute before the end that the host names.',
    concerns: [],
  },
  {
    id: 'scopes',
    assumes: 'The app may read every entity.',
    how: 'the scopes of the token against those of schemas/entities.ts',
    ask: { kind: 'scopes' },
    consequence:
      'These entities fail each night with 403. Add the scopes to the app and let the admin accept it.',
    concerns: 'named',
  },
  {
    id: 'readable',
    assumes: 'The tenant has every module: each list answers 200.',
    how: 'the first page of each list',
    ask: { kind: 'fact', fact: 'readable' },
    consequence: 'The entity fails each night, and its KPIs are NULL, not 0.',
    concerns: 'named',
  },
  {
    id: 'fast-enough',
    assumes: 'A call answers within 10 seconds.',
    how: 'the time of each first page',
    ask: { kind: 'fact', fact: 'speed' },
    consequence:
      'A first night takes longer than docs/scale.md assumes; the limit of one call is 100 seconds.',
    concerns: [],
  },
  {
    id: 'clock',
    assumes: "The API's clock and this machine's agree to 5 seconds.",
    how: 'the Date header of an answer',
    ask: { kind: 'clock' },
    consequence: 'Watermarks and leases go by this machine. Set its clock from a time server (NTP).',
    concerns: [],
  },
  {
    id: 'no-app-key',
    assumes: 'A call without an app key is refused with 401.',
    how: 'one list with an empty ST-App-Key',
    ask: { kind: 'refusal', change: 'no app key', statuses: [401] },
    consequence: 'The message of `doctor` about a wrong app key names another cause.',
    concerns: [],
  },
  {
    id: 'another-tenant',
    assumes: 'A call for another tenant is refused with 401, 403 or 404.',
    how: 'one list with the tenant id plus one',
    ask: { kind: 'refusal', change: 'another tenant', statuses: [401, 403, 404] },
    consequence:
      'A mistyped ST_TENANT_ID is not noticed by its answer: check the tenant in `npm run doctor`.',
    concerns: ALL,
  },
  {
    id: 'report-limit',
    assumes: 'The same saved report may run once a minute.',
    how: 'COLLECTIONS_REPORT or AR_REPORT twice in a row',
    ask: { kind: 'report twice' },
    consequence: 'Nothing breaks: a report that is refused is asked again when the answer says so.',
    concerns: [],
  },
];
