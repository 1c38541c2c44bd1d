/** What to write instead of functions that have no entry. */
const INSTEAD: Readonly<Record<string, string>> = {
  farm_fingerprint:
    "to_hex(sha256(x)) works, as a number cast(concat('0x', substr(to_hex(sha256(x)), 1, 12)) as int64)",
  approx_top_sum: 'sum(x) with group by, order by and limit works',
  rand: 'nothing random works, because a night must be repeatable',
  generate_uuid: 'to_hex(sha256(x)) of the key works',
  session_user: 'no function of the session works',
  regexp_instr: 'regexp_extract(s, r) and strpos(s, t) work',
  round: 'round(x) and round(x, n) work for NUMERIC and FLOAT64',
};

/** One clause for a message: the nearest function that works. */
export function nearest(signature: string, known: Iterable<string>): string {
  const name = signature.replace(/^safe\./, '').replace(/\(.*$/, '');
  const sameName = [...known].filter((each) => each.startsWith(`${name}(`)).slice(0, 4);
  if (sameName.length > 0)
    return `${sameName.map(forPeople).join(', ')} ${sameName.length > 1 ? 'work' : 'works'}`;
  return INSTEAD[name] ?? 'docs/sql-on-duckdb.md shows how to add it';
}

/** GoogleSQL's DOUBLE is BigQuery's FLOAT64. */
function forPeople(signature: string): string {
  return signature.replaceAll('DOUBLE', 'FLOAT64').replaceAll(/\bT\b/g, 'any type');
}
