/** What changed in a table since models were last built from it. */
export interface Change {
  /** The content hash of the table before. */
  readonly before: string;
  /** A relation with the rows that went or came; of a built table only with the columns that are keys of others. */
  readonly rows: string;
}
