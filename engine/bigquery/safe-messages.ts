/**
 * BigQuery messages that are safe to print, because they quote only queries and names. Others, such as cast errors, may
 * quote a record.
 */
export const SAFE_MESSAGE =
  /^.*\b(?:Syntax error|Unrecognized name|Unrecognized function|No matching signature|Not found|Already Exists|Access Denied|Permission|Quota exceeded|Exceeded rate limits|Resources exceeded|bytes billed)\b.*$/im;
