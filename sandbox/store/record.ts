/** One record of the tenant: its JSON text as the export feed sends it, and what feeds sort and filter by. */
export interface TenantRecord {
  /** Decimal digits; empty for a record whose id is null. */
  readonly id: string;
  /** ISO 8601 in UTC as sent, up to seven digits of a second. */
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly active: boolean;
  readonly json: string;
}
