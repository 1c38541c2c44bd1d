import type { RequestFacts } from '../../base/errors.ts';

/** Reads one address of an entity: paced, patient, signed in. */
export type Read = (
  resource: string,
  query: Readonly<Record<string, string>>,
) => Promise<{ readonly body: Buffer; readonly facts: RequestFacts }>;
