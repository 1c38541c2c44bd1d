import type { TableSchema } from '../../schemas/columns.ts';
import type { CallMetrics } from '../api/client.ts';
import type { Datasets } from '../config.ts';
import type { Landing } from '../landing/landing.ts';
import type { BackfillWindow, Cursor, LandedPage, Manifest } from '../landing/manifest.ts';
import type { Receipt } from './receipt.ts';

/** The right to work on an entity; only the newest lease may commit. */
export interface Lease {
  readonly entity: string;
  readonly runId: string;
  readonly owner: string;
  readonly fencingNumber: number;
}

export interface RunStart {
  readonly lease: Lease;
  readonly cursor: Cursor;
  /** When state moved last. */
  readonly updatedAt: Date | null;
  /** Runs since then that did not end well, oldest first: their pages may be landed but not loaded. */
  readonly unfinishedRuns: readonly string[];
}

/** Ids of records that may change without coming through the feed, as the tables are now. */
interface OpenRecords {
  /** Records that broke their schema and have not arrived valid since. */
  readonly rejectedIds: readonly string[];
  /** Records whose balance was not zero when they were last read, without those known to be missing at the source. */
  readonly openIds: readonly string[];
}

export interface Run {
  readonly entity: string;
  readonly runId: string;
  readonly runDate: string;
  readonly mode: Manifest['mode'] | 'replay';
  /** Set for a backfill or a sweep. */
  readonly window?: BackfillWindow | undefined;
  readonly now: Date;
}

/** Pages that are loaded in a transaction of their own, which `Engine.load` takes over, while later ones are read. */
export interface EarlyLoad {
  add(run: Pick<Manifest, 'entity' | 'run_id'>, page: LandedPage): void;
  /** Rolls back what was loaded. */
  abandon(): Promise<void>;
}

export interface Load {
  readonly manifest: Manifest;
  /** What `loadEarly` began. */
  readonly early?: EarlyLoad | undefined;
  readonly landing: Landing;
  readonly lease: Lease;
  readonly now: Date;
}

export interface Rebuild extends Omit<Load, 'manifest' | 'early'> {
  /** Every landed run of the entity, oldest first. */
  readonly manifests: readonly Manifest[];
}

export interface Failure {
  readonly lease: Lease;
  readonly error: string;
  readonly metrics: CallMetrics;
  readonly now: Date;
}

/** Records of the lease's entity that a sweep did not find, and those noted earlier that it found again. */
export interface MissingNote {
  readonly lease: Lease;
  readonly missing: readonly {
    readonly id: string;
    /** ISO instant with microseconds. */
    readonly changedAt: string | null;
  }[];
  readonly evidence: string;
  readonly returnedIds: readonly string[];
  readonly now: Date;
}

/** Cost of the work in the warehouse since it was opened. */
export interface Cost {
  readonly bytesBilled: number;
  readonly slotMs: number;
  readonly jobs: number;
  /** Calls of the warehouse's own API. */
  readonly requests: number;
}

/** A load table that remains after its process, as `dataset.table`, and when it expires. */
export interface LoadTable {
  readonly name: string;
  readonly endsAt: Date | null;
}

/** A row whose numbers, dates and flags are written as text; a missing cell is NULL. */
export type TextRow = Readonly<Record<string, string | boolean | null | undefined>>;

/** Rows of a query by column name; see `Warehouse.query`. */
export type Query = <Row>(sql: string) => Promise<readonly Row[]>;

/** Raw tables, state and logs. Every method leaves the warehouse consistent, also when it throws. */
export interface Warehouse {
  /**
   * Creates what is missing: datasets, tables, columns. @throws WarehouseError when a column changed its
   * type.
   */
  prepare(tables: readonly TableSchema[]): Promise<void>;

  /**
   * Reads what `begin` and `openRecords` need of all these entities at once: a query costs as much for one as for all. An
   * entity whose lease another run had since then is read again.
   */
  readAhead(entities: readonly string[]): Promise<void>;

  /**
   * Takes the lease of an entity and logs the run as running.
   *
   * @throws LeaseError while another active run holds it.
   */
  begin(run: Run): Promise<RunStart>;

  /** Records to request by id. Load unfinished runs first, because they may contain more of them. */
  openRecords(entity: string): Promise<OpenRecords>;

  /** How long a lease lasts after it was taken or extended. */
  readonly leaseMs: number;

  /** Extends the lease by `leaseMs` from `now`. @throws LeaseError if it was taken over */
  extendLease(lease: Lease, now: Date): Promise<void>;

  /**
   * Begins to load pages of a run while later ones are read; undefined where a load is one job over all of them. Pass it to
   * `load`, or abandon it.
   */
  loadEarly(entity: string, landing: Landing): Promise<EarlyLoad | undefined>;

  /** Nothing is read any more in this run: loads may use the memory and the core that reading used. */
  allRead(): Promise<void>;

  /**
   * Adds to the raw table the versions that it does not have. Rows, rejected records, log, receipt and state change in one
   * transaction. The cursor moves only if it is where the manifest began. The lease stays.
   *
   * @returns the receipt, and the cursor after the load.
   * @throws LandingError, WarehouseError (receipt), LeaseError (taken over)
   */
  load(load: Load): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }>;

  /**
   * Empties the raw table and loads these runs again, in one transaction; log and state as in `load`. Runs that the log does
   * not have, for example in a new warehouse, are logged again. Their rows are not compared with the service's count: a run
   * that failed because of it is landed too.
   */
  rebuild(rebuild: Rebuild): Promise<Receipt>;

  /**
   * Adds and removes an entity's rows of `vanished_records`, in one transaction. A load removes the records that it brings.
   *
   * @throws LeaseError if the lease was taken over; then nothing changes.
   */
  noteMissing(note: MissingNote): Promise<void>;

  /**
   * Replaces the whole content of a table that is not a change log: reference and result tables. Cells are
   * text.
   */
  replace(table: TableSchema, rows: readonly TextRow[]): Promise<void>;

  /**
   * Reads rows as plain objects whose values are text, flags or null, so that no digit passes through a float.
   *
   * @param sql a query that GoogleSQL and DuckDB read alike, with tables as `dataset.table`.
   */
  query: Query;

  /** Logs why the entity's run failed. */
  fail(failure: Failure): Promise<void>;

  /** Releases the lease. */
  releaseLease(lease: Lease): Promise<void>;

  /** The cost so far; undefined where nothing is billed. */
  cost(): Cost | undefined;

  /**
   * Creates a table in the dataset, writes a row and drops the table; the dataset too if it was missing.
   *
   * @throws WarehouseError if one of these is refused.
   */
  checkWriteAccess(dataset: keyof Datasets): Promise<void>;

  /** Whether a table exists; creates nothing. @throws WarehouseError if the account may not ask */
  hasTable(table: { readonly dataset: keyof Datasets; readonly name: string }): Promise<boolean>;

  /** Load tables that remain after their process. */
  loadTables(): Promise<readonly LoadTable[]>;

  close(): void;
}
