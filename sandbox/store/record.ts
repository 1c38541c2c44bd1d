/** One record: its JSON text as the export feed sends it, and the fields that feeds sort and filter by. */
export interface TenantRecord {
  /** Decimal digits; empty if the id is null. */
  readonly id: string;
  /** ISO 8601 in UTC, as sent, with up to seven digits of a second. */
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly active: boolean;
  readonly json: string;
}
