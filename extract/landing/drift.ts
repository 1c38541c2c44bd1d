/** How the records of a run differed from their schema. */
export interface Drift {
  /** Records of the feed, without those read by id. */
  readonly records: number;
  readonly findings: readonly DriftFinding[];
}

export interface DriftFinding {
  readonly kind: DriftKind;
  /** JSON pointer of the field, with `*` for array positions and for keys that are not field names. */
  readonly field: string;
  /** For a new field its types, for a broken rule the rule and the value's type, for a new value the value. */
  readonly details: readonly string[];
  /** Number of records with this finding. */
  readonly records: number;
}

/** A `missing field` occurs in no record of the feed. */
export type DriftKind = 'new field' | 'new value' | 'broken rule' | 'missing field';
