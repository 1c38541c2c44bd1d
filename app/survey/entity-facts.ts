/** What the sampled pages of an entity look like: counts, statuses and names of fields, no values. */
export interface Facts {
  readonly entity: string;
  readonly list: {
    readonly status: number;
    readonly ms: number;
    readonly rows: number;
    readonly bytes: number;
    readonly order: 'newest id first' | 'oldest id first' | 'no order of ids' | 'too few rows';
  };
  readonly feed?: FeedFacts;
  /** Sampled records, from both doors. */
  readonly records: number;
  readonly nullKeys: number;
  readonly inactive: number;
  /** How records differ from the schema, by kind: the fields, and the records that have them. */
  readonly drift: readonly { readonly kind: string; readonly field: string; readonly records: number }[];
  /** Digits of a second that occur, and the most decimals of a number. */
  readonly fractions: readonly number[];
  readonly decimals: number;
  /** Records by a property that a question names. */
  readonly counts: Readonly<Record<string, number>>;
  /** Ids of jobs whose invoice has no date; they stay in memory, as `example` does. */
  readonly undatedJobs: readonly string[];
  /** A known record of the list, to ask for bounds. */
  readonly example: Readonly<Record<string, unknown>> | undefined;
}

export interface FeedFacts {
  readonly status: number;
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
  readonly hasMore: boolean;
  readonly tokenLength: number;
  readonly tokenMoves: boolean | undefined;
  /** Whether the same call gave the same rows and token. */
  readonly isRepeatable: boolean;
  /** Neighbours, and those of them whose modifiedOn goes back. */
  readonly neighbours: number;
  readonly disordered: number;
  readonly end: 'with a token' | 'without a token' | 'not reached';
  readonly emptyPages: number;
  /** Fields in which the list differs for the same record; undefined if the list did not give it by id. */
  readonly differing: readonly string[] | undefined;
}
