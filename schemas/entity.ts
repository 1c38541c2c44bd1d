/** How one kind of record is read. `schemas/<name>.schema.json` declares its columns. */
export interface Entity {
  /** Also the name of the landing folder, the argument on the command line and, after `raw_`, the table name. */
  readonly name: string;
  /** API module, the first part of the path: `jpm` in `/jpm/v2/tenant/{tenant}/jobs`. */
  readonly module: string;
  /** What its records are, as a phrase for people. */
  readonly about: string;
  /** List endpoint below the tenant; absent where the API has none that shows all records in the form of the feed. */
  readonly list?: string;
  /** Export feed below the tenant; absent where the API has none. */
  readonly export?: string;
  /** The fields that tell its records apart; all but a few entities have `id`. */
  readonly key: readonly string[];
  /** The field with the change instant; absent where records have none. Their list is read whole, and versions compared. */
  readonly changeField?: string;
  /** Facts are read from SYNC_START_DATE on; dimensions are always read in full. */
  readonly kind: 'fact' | 'dimension';
  readonly scope: string;
  /** Sent with every list request, so that the API also returns inactive records. */
  readonly listParameters: Readonly<Record<string, string>>;
  readonly exportParameters: Readonly<Record<string, string>>;
  /** A list parameter that shows only some records at a time: the list is read once for each of its values. */
  readonly listEach?: { readonly parameter: string; readonly values: readonly string[] };
  /** Parameters of the list that bound `changeField`, from and before, where they are not those of `modifiedOn`. */
  readonly changeParameters?: readonly [from: string, before: string];
  /** The number of the list's first page, where it is not 1. */
  readonly firstPage?: number;
  /** The most rows that a page of the list may have, where it is fewer than usual. */
  readonly largestPage?: number;
  /** The list answers with all its records at once: as a bare array, or as an object with `data` and no `hasMore`. */
  readonly unpaged?: 'array' | 'data';
  /** Fields of a record's lists that a KPI needs, such as `items.total`. */
  readonly lineFields?: readonly string[];
  /** Open records: read again each night while this field is not zero, because it can change without a new modifiedOn. */
  readonly openRecords?: { readonly field: string; readonly parameters: Readonly<Record<string, string>> };
}
