import { provedSignatures } from '../../../conformance.ts';
import { type ResolvedType, UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { baseSignature, typeName } from '../../../googlesql/signature.ts';
import type { FunctionTable, Template } from '../template.ts';
import { AGGREGATES, WINDOW_FUNCTIONS } from './aggregates.ts';
import { ARRAYS } from './arrays.ts';
import { CASTS } from './casts.ts';
import { CONDITIONS } from './conditions.ts';
import { DATE_FORMATS } from './date-formats.ts';
import { CLOCK, DATES_AND_TIMES } from './dates.ts';
import { formatSql } from './format.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { jsonText } from './json-text.ts';
import { nearest } from './nearest.ts';
import { NUMBERS } from './numbers.ts';
import { STRINGS } from './strings.ts';

/**
 * SQL by signature (engine/googlesql/signature.ts). There is one entry per overload, because SQL that is right for one type
 * can be silently wrong for another. Only functions that pass values on without reading them have one entry for any type `T`.
 * A row of engine/conformance.csv tests each entry on both engines.
 */
const ENTRIES: ReadonlyMap<string, Template> = new Map(
  [
    ...[CONDITIONS, NUMBERS, STRINGS, DATES_AND_TIMES, DATE_FORMATS, ARRAYS, JSON_FUNCTIONS],
    ...[AGGREGATES, WINDOW_FUNCTIONS, CASTS],
  ].flatMap((table: FunctionTable) => Object.entries(table)),
);

/** A signature as `coalesce(INT64...)`, with the entry `coalesce(T...)` that writes it. */
const GENERIC = [...ENTRIES.keys()]
  .filter((key) => /[(<]T\b|\bT[>,.)]/.test(key))
  .map((key) => ({ key, name: nameOf(key), pattern: genericPattern(key) }));

/** The SQL of a signature. @throws UnsupportedSql if there is none, or if no row of engine/conformance.csv tests it */
export function templateOf(signature: string): Template {
  const key = keyOf(signature);
  const template = key === undefined ? undefined : ENTRIES.get(key);
  if (key === undefined || template === undefined) {
    throw new UnsupportedSql(`${signature}; ${nearest(signature, ENTRIES.keys())}`);
  }
  if (isProved(signature, key)) return template;
  throw new UnsupportedSql(`${signature}, which no row of engine/conformance.csv tests; add one`);
}

/**
 * SQL of a function that depends on the types inside its arguments: FORMAT and TO_JSON_STRING. Each scalar type must be
 * tested alone by a row of engine/conformance.csv.
 */
export function typedCall(
  signature: string,
  args: readonly string[],
  types: readonly ResolvedType[],
): string | undefined {
  const name = nameOf(baseSignature(signature));
  if (name === 'format') {
    const names = types.slice(1).map(typeName);
    const sql = formatSql(args[0], args.slice(1), names);
    for (const type of names) requireProof(`format(STRING, ${type}...)`);
    return sql;
  }
  const [json, type] = [args[0], types[0]];
  if (name !== 'to_json_string' || args.length !== 1 || json === undefined || type === undefined)
    return undefined;
  const sql = jsonText(json, type);
  for (const scalar of scalarsIn(type)) requireProof(`to_json_string(${scalar})`);
  return sql;
}

function scalarsIn(type: ResolvedType): string[] {
  if (type.arrayType) return scalarsIn(type.arrayType.elementType);
  return type.structType?.field?.flatMap(({ fieldType }) => scalarsIn(fieldType)) ?? [typeName(type)];
}

function requireProof(signature: string): void {
  if (provedSignatures().has(signature)) return;
  throw new UnsupportedSql(`${signature}, which no row of engine/conformance.csv tests; add one`);
}

/** Whether the value of a function depends on the clock. */
export function readsClock(signature: string): boolean {
  return Object.hasOwn(CLOCK, signature);
}

/** Whether SAFE. has an entry of its own, so that the function must not be wrapped. */
export function isSafeByItself(signature: string): boolean {
  return ENTRIES.has(signature);
}

/** Every signature that has an entry. */
export function writtenSignatures(): string[] {
  return [...ENTRIES.keys()];
}

/** Signatures and entries that rows of engine/conformance.csv test; found once. */
let proved: ReadonlySet<string> | undefined;

function isProved(signature: string, key: string): boolean {
  proved ??= new Set(
    [...provedSignatures()].flatMap((row) => {
      const entry = keyOf(row);
      return entry === undefined ? [row] : [row, withModifiersOf(row, entry)];
    }),
  );
  return proved.has(withModifiersOf(signature, key));
}

/** The entries that rows of engine/conformance.csv test. */
export function testedEntries(): ReadonlySet<string> {
  return new Set([...provedSignatures()].flatMap((signature) => keyOf(signature) ?? []));
}

/** `count(T) distinct over` for `count(INT64) distinct over`. SAFE. is written in one way for all functions. */
function withModifiersOf(signature: string, key: string): string {
  const modifiers = / (distinct over|distinct|over)$/.exec(signature)?.[0] ?? '';
  return `${signature.startsWith('safe_cast(') ? 'safe_' : ''}${key}${modifiers}`;
}

function keyOf(signature: string): string | undefined {
  if (ENTRIES.has(signature)) return signature;
  const base = baseSignature(signature);
  if (ENTRIES.has(base)) return base;
  const name = nameOf(base);
  return GENERIC.find((entry) => entry.name === name && entry.pattern.test(base))?.key;
}

function nameOf(signature: string): string {
  return signature.slice(0, signature.indexOf('('));
}

function genericPattern(key: string): RegExp {
  const escaped = key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const [first = '', ...others] = escaped.split(/\bT\b/);
  // Types with commas do not occur: a STRUCT has no list of fields in a signature.
  const rest = others.map((part, index) => `${index === 0 ? '([A-Z0-9<>]+)' : '\\1'}${part}`).join('');
  return new RegExp(`^${first}${rest.replace(/\bU\b/, '[A-Z0-9<>]+')}$`);
}
