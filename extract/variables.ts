/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type VariableReader = ReturnType<typeof variableReader>;

/** Typed access to variables; what is malformed is noted in `problems`, never with its value. */
export function variableReader(env: Environment, problems: string[]) {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const checked = (name: string, fallback: string, isValid: (value: string) => boolean, wanted: string) => {
    const value = text(name);
    if (value === undefined || isValid(value)) return value ?? fallback;
    problems.push(`${name} is not ${wanted}`);
    return fallback;
  };
  return {
    text,
    oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
      checked(name, fallback, (value) => values.some((v) => v === value), `one of ${values.join(', ')}`);
      return values.find((value) => value === text(name)) ?? fallback;
    },
    wholeNumber(name: string, fallback: number, range: { min: number; max: number }): number {
      const fits = (value: string) =>
        /^\d{1,9}$/.test(value) && Number(value) >= range.min && Number(value) <= range.max;
      return Number(
        checked(name, String(fallback), fits, `a whole number from ${range.min} to ${range.max}`),
      );
    },
    digits: (name: string) => checked(name, '', (value) => /^\d{1,18}$/.test(value), 'a whole number'),
    report: (name: string) =>
      checked(
        name,
        '',
        (value) => /^[\w-]+\/\d+$/.test(value),
        'category/id of a saved report, like accounting/235',
      ),
    date: (name: string, fallback: string) =>
      checked(name, fallback, isCalendarDate, 'a date like 2025-10-27'),
    identifier: (name: string, fallback: string) =>
      checked(
        name,
        fallback,
        (value) => /^[A-Za-z_]\w{0,1023}$/.test(value),
        'a dataset name (letters, digits, _)',
      ),
    timeZone: (name: string, fallback: string) =>
      checked(name, fallback, isTimeZone, 'an IANA time zone like America/Phoenix'),
    host: (name: string, fallback: string) =>
      checked(name, fallback, isHost, 'an https:// host (plain http only on loopback)').replace(/\/+$/, ''),
  };
}

function isCalendarDate(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
  );
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

function isHost(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username } = new URL(value);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && loopback));
}
