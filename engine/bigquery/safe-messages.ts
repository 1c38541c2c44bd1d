/** BigQuery's sentences about a query, a name or a right; others, such as that of a cast, may quote a record. */
export const SAFE_MESSAGE =
  /^.*\b(?:Syntax error|Unrecognized name|Unrecognized function|No matching signature|Not found|Already Exists|Access Denied|Permission|Quota exceeded|Exceeded rate limits|Resources exceeded|bytes billed)\b.*$/im;
