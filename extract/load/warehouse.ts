import type { TableSchema } from '../../schemas/columns.ts';
import type { CallMetrics } from '../api/client.ts';
import type { Datasets } from '../config.ts';
import type { Landing } from '../landing/landing.ts';
import type { BackfillWindow, Cursor, Manifest } from '../landing/manifest.ts';
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
  /** When the state of the entity last changed. */
  readonly updatedAt: Date | null;
  /** Runs after the last successful one, oldest first. Their pages may be landed but not loaded. */
  readonly unfinishedRuns: readonly string[];
}

/** Ids of records that must be read by id, because the feed may not return them. */
export interface OpenRecords {
  /** Records that were rejected and have not been valid since. */
  readonly rejectedIds: readonly string[];
  /** Records whose balance was not zero when last read, without those noted as missing at the source. */
  readonly openIds: readonly string[];
}

export interface Run {
  readonly entity: string;
  readonly runId: string;
  readonly runDate: string;
  readonly mode: Manifest['mode'] | 'replay';
  /** Only for a backfill or a sweep. */
  readonly window?: BackfillWindow | undefined;
  readonly now: Date;
}

export interface Load {
  readonly manifest: Manifest;
  readonly landing: Landing;
  readonly lease: Lease;
  readonly now: Date;
}

interface Rebuild extends Omit<Load, 'manifest'> {
  /** Every landed run of the entity, oldest first. */
  readonly manifests: readonly Manifest[];
}

export interface Failure {
  readonly lease: Lease;
  readonly error: string;
  readonly metrics: CallMetrics;
  readonly now: Date;
}

/** Records that a sweep found missing at the source, and earlier ones that came back. */
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

/** What the warehouse has cost since it was opened. */
export interface Cost {
  readonly bytesBilled: number;
  readonly slotMs: number;
  readonly jobs: number;
  /** Calls of the warehouse's own API. */
  readonly requests: number;
}

/** A row whose numbers, dates and booleans are text. A missing cell is NULL. */
export type TextRow = Readonly<Record<string, string | boolean | null | undefined>>;

/** Rows of a query by column name; see `Warehouse.query`. */
export type Query = <Row>(sql: string) => Promise<readonly Row[]>;

/** Stores raw tables, state and logs. A method that throws leaves no partial change. */
export interface Warehouse {
  /** Creates missing datasets, tables and columns. @throws WarehouseError if a column has changed its type. */
  prepare(tables: readonly TableSchema[]): Promise<void>;

  /**
   * Takes the lease of an entity and logs the run as running.
   *
   * @throws LeaseError while another active run holds it.
   */
  begin(run: Run): Promise<RunStart>;

  /** Lists records to read by id. Load unfinished runs first, because they may contain more of them. */
  openRecords(entity: string): Promise<OpenRecords>;

  /** How long a lease lasts after it was taken or extended. */
  readonly leaseMs: number;

  /** Extends the lease to at least a minute after `now`. @throws LeaseError if another run took it over. */
  extendLease(lease: Lease, now: Date): Promise<void>;

  /**
   * Adds to the raw table the versions that it does not have.
   *
   * Rows, rejected records, log, receipt and state change in one transaction. The cursor moves only if it is where the
   * manifest began. The lease stays taken.
   *
   * @returns the receipt, and the cursor after the load.
   * @throws LandingError for a page, WarehouseError for a receipt that disagrees, LeaseError if the lease was taken over.
   */
  load(load: Load): Promise<{ readonly receipt: Receipt; readonly cursor: Cursor }>;

  /**
   * Empties the raw table and loads these runs again, in one transaction. Log and state change as in `load`.
   *
   * Runs that the log does not have, as in a new warehouse, are logged again. An API count that disagrees with the
   * rows that were read is ignored, because runs that failed this check are landed too.
   */
  rebuild(rebuild: Rebuild): Promise<Receipt>;

  /**
   * Adds rows to and deletes rows from `vanished_records`, in one transaction. A load deletes the records that it loads.
   *
   * @throws LeaseError if another run took over the lease; then nothing is noted.
   */
  noteMissing(note: MissingNote): Promise<void>;

  /** Replaces all rows of a reference or result table. */
  replace(table: TableSchema, rows: readonly TextRow[]): Promise<void>;

  /**
   * Runs a query and returns rows as plain objects. Numbers are text, so that no digit is lost in a float.
   *
   * @param sql a query that BigQuery and DuckDB read alike, with tables as `dataset.table`.
   */
  query: Query;

  /** Logs why the run of the entity failed. */
  fail(failure: Failure): Promise<void>;

  /** Releases the lease. */
  releaseLease(lease: Lease): Promise<void>;

  /** What it has cost so far; undefined if nothing is billed. */
  cost(): Cost | undefined;

  /**
   * Checks write access: creates a table in the dataset, inserts a row and drops the table.
   *
   * A missing dataset is created and dropped too.
   *
   * @throws WarehouseError if one of these steps is denied.
   */
  checkWriteAccess(dataset: keyof Datasets): Promise<void>;

  /** Whether a table exists. @throws WarehouseError if there is no permission to look. */
  hasTable(table: Pick<TableSchema, 'dataset' | 'name'>): Promise<boolean>;

  /** Load tables that can remain after their process has ended, as `dataset.table`. */
  loadTables(): Promise<readonly { readonly name: string; readonly endsAt: Date | null }[]>;

  close(): void;
}
