/** How a data engineer mends two kinds of findings. */
const READ_AGAIN =
  'The reason stands under "Is it complete" and in `npm run status`. Mend it, then run `npm run nightly` again; it continues where it stopped.';
const DEFECT =
  'This is a defect of the models. Run `npm run transform`; if it stays, docs/on-call.md says what to do.';

/**
 * The description of an assertion. Report, terminal, doctor and BigQuery show these sentences, and no other place repeats
 * them.
 *
 * @param finding `rule` is what the rows of the assertion are. `one` and `many` tell of a finding after its count: `deposit
 *   is paid …`, `deposits are paid …`. `effect` is what it does to the numbers. `who` mends it (the office, the analyst or
 *   the data engineer), and `how`. `uncounted` is what the money is that counts in no number because of a finding, if any:
 *   then the rows have it as `uncounted_amount`. A row that stands for several jobs has them as `job_count`.
 */
function text({ rule, one, many, effect, uncounted, who, how }) {
  const person = `${who.charAt(0).toUpperCase()}${who.slice(1)}`;
  const money = uncounted === undefined ? '' : `\nCounts in no number: ${uncounted}.`;
  return `${rule}\nFinding: ${many}. (One: ${one}.)\nEffect: ${effect}${money}\n${person}: ${how}`;
}

module.exports = { READ_AGAIN, DEFECT, text };
