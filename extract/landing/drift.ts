/** How the records of a run differed from their schema. */
export interface Drift {
  /** Records of the feed; those that were asked for by id are not among them. */
  readonly records: number;
  readonly findings: readonly DriftFinding[];
}

export interface DriftFinding {
  readonly kind: DriftKind;
  /** JSON pointer of the field, with `*` for a position in a list and for what is no name. */
  readonly field: string;
  /**
   * Types of a new field; the rule that a value broke and the type it had; a value that is not among the documented ones.
   * Never any other value.
   */
  readonly details: readonly string[];
  /** Records in which it was so. */
  readonly records: number;
}

/** A missing field came in no record of the feed. */
export type DriftKind = 'new field' | 'new value' | 'broken rule' | 'missing field';
