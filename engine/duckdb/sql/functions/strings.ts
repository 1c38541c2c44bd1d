import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { type FunctionTable, literalNumber, literalText, type Template } from '../template.ts';
import { text } from '../types.ts';

/** The characters that GoogleSQL's one-argument TRIM removes. DuckDB's TRIM removes only spaces. */
const WHITE_SPACE = `' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160)`;
/** The characters after which GoogleSQL's INITCAP begins a new word. */
const WORD_ENDS = String.raw`[\s\[\](){}/|<>!?@"^#$&~_,.:;*%+\\-]`;

const joined: Template = (...args) => `(${args.join(' || ')})`;

/** The number of capturing groups in a regular expression. */
function groupsOf(pattern: string): number {
  const unescaped = pattern.replaceAll(/\\./gs, '').replaceAll(/\[\^?\]?[^\]]*\]/g, '');
  return unescaped.match(/\((?!\?)|\(\?P</g)?.length ?? 0;
}

/** Whether an alternative stands outside all groups. */
function hasChoice(pattern: string): boolean {
  const outside = pattern.replaceAll(/\\./gs, '').replaceAll(/\([^()]*\)/g, '');
  return outside === pattern.replaceAll(/\\./gs, '') ? outside.includes('|') : hasChoice(outside);
}

function groupIn(pattern: string | undefined): number {
  const value = literalText(pattern, 'a regular expression');
  const groups = groupsOf(value);
  if (groups > 0 && (/\)([?*]|\{0)/.test(value) || hasChoice(value))) {
    throw new UnsupportedSql('REGEXP_EXTRACT with a group that may be absent; put the choice into the group');
  }
  if (groups > 1) throw new UnsupportedSql('REGEXP_EXTRACT with several groups; write (?:…) for all but one');
  return groups;
}

const regexpExtract: Template = (value, pattern) =>
  `(CASE WHEN regexp_matches(${value}, ${pattern}) THEN regexp_extract(${value}, ${pattern}, ${groupIn(pattern)}) END)`;

const regexpExtractAll = (value: string, pattern: string) =>
  `regexp_extract_all(${value}, ${pattern}, ${groupIn(pattern)})`;

const nthMatch: Template = (value, pattern, position, occurrence) => {
  if (literalNumber(position, 'a position') !== 1 || literalNumber(occurrence, 'an occurrence') < 1) {
    throw new UnsupportedSql('REGEXP_EXTRACT from another position than 1; use SUBSTR first');
  }
  return `(${regexpExtractAll(value ?? '', pattern ?? '')})[${occurrence}]`;
};

/** Text and bytes. */
export const STRINGS: FunctionTable = {
  'concat(STRING, STRING...)': joined,
  'concat(STRING)': '$1',
  'lower(STRING)': 'lower($1)',
  'upper(STRING)': "upper(replace($1, 'ß', 'SS'))",
  'initcap(STRING)': `array_to_string(list_transform(regexp_extract_all(lower($1), ${text(`${WORD_ENDS}|[^${WORD_ENDS.slice(1)}+`)}), lambda word: replace(upper(word[1]), 'ẞ', 'ß') || word[2:]), '')`,
  'trim(STRING)': `trim($1, ${WHITE_SPACE})`,
  'ltrim(STRING)': `ltrim($1, ${WHITE_SPACE})`,
  'rtrim(STRING)': `rtrim($1, ${WHITE_SPACE})`,
  'trim(STRING, STRING)': 'trim($1, $2)',
  'ltrim(STRING, STRING)': 'ltrim($1, $2)',
  'rtrim(STRING, STRING)': 'rtrim($1, $2)',
  'replace(STRING, STRING, STRING)': 'replace($1, $2, $3)',
  'reverse(STRING)': 'reverse($1)',
  'repeat(STRING, INT64)': 'repeat($1, googlesql.length($2))',
  'length(STRING)': 'length($1)',
  'char_length(STRING)': 'length($1)',
  'byte_length(STRING)': 'strlen($1)',
  'length(BYTES)': 'octet_length($1)',
  'substr(STRING, INT64)': 'substring($1, googlesql.first($1, $2))',
  'substr(STRING, INT64, INT64)': 'substring($1, googlesql.first($1, $2), googlesql.length($3))',
  'left(STRING, INT64)': 'left($1, googlesql.length($2))',
  'right(STRING, INT64)': 'right($1, googlesql.length($2))',
  'lpad(STRING, INT64)': "lpad($1, CAST(googlesql.length($2) AS INTEGER), ' ')",
  'rpad(STRING, INT64)': "rpad($1, CAST(googlesql.length($2) AS INTEGER), ' ')",
  'lpad(STRING, INT64, STRING)': 'lpad($1, CAST(googlesql.length($2) AS INTEGER), $3)',
  'rpad(STRING, INT64, STRING)': 'rpad($1, CAST(googlesql.length($2) AS INTEGER), $3)',
  'starts_with(STRING, STRING)': 'starts_with($1, $2)',
  'ends_with(STRING, STRING)': 'ends_with($1, $2)',
  'strpos(STRING, STRING)': 'instr($1, $2)',
  'instr(STRING, STRING)': 'instr($1, $2)',
  'normalize(STRING)': 'nfc_normalize($1)',
  'contains_substr(STRING, STRING)': 'contains(lower($1), lower($2))',
  'ascii(STRING)': 'CAST(ascii($1) AS BIGINT)',
  'chr(INT64)': 'chr(CAST($1 AS INTEGER))',
  'split(STRING)': "string_split($1, ',')",
  'split(STRING, STRING)': 'string_split($1, $2)',
  'translate(STRING, STRING, STRING)': 'translate($1, $2, $3)',
  '$like(STRING, STRING)': "($1 LIKE $2 ESCAPE '\\')",
  'regexp_contains(STRING, STRING)': 'regexp_matches($1, $2)',
  'regexp_replace(STRING, STRING, STRING)': "regexp_replace($1, $2, $3, 'g')",
  'regexp_extract(STRING, STRING)': regexpExtract,
  'regexp_extract(STRING, STRING, INT64, INT64)': nthMatch,
  'regexp_extract_all(STRING, STRING)': regexpExtractAll,
  'md5(STRING)': 'unhex(md5($1))',
  'sha1(STRING)': 'unhex(sha1($1))',
  'sha256(STRING)': 'unhex(sha256($1))',
  'md5(BYTES)': 'unhex(md5($1))',
  'sha1(BYTES)': 'unhex(sha1($1))',
  'sha256(BYTES)': 'unhex(sha256($1))',
  'to_hex(BYTES)': 'lower(hex($1))',
  'from_hex(STRING)': 'unhex($1)',
  'to_base64(BYTES)': 'to_base64($1)',
  'from_base64(STRING)': 'from_base64($1)',
};
