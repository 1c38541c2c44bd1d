/** What was seen of an assumption. `unclear`: it was asked, and what came back proves neither. */
export type Verdict = 'holds' | 'refuted' | 'unclear' | 'not asked';

/** What an answer of the tenant says about an assumption. */
export interface Observation {
  readonly verdict: Verdict;
  /** What was seen: counts, names of fields and entities, never a value of a record. */
  readonly found: string;
  /** The entities for which the assumption is wrong, if only some are. */
  readonly entities?: readonly string[];
}

export const notAsked = (found: string): Observation => ({ verdict: 'not asked', found });

/** What the rows of a filtered list must be like. */
export interface RowTest {
  readonly field: string;
  readonly is: 'not zero' | 'not active' | 'in the window';
}

/** How a question is asked. `asks.ts` has one function for each kind. */
export type Ask =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'scopes' }
  | { readonly kind: 'clock' }
  /** A call with one of the headers or the path changed must be refused with one of these statuses. */
  | {
      readonly kind: 'refusal';
      readonly change: 'no app key' | 'another tenant';
      readonly statuses: readonly number[];
    }
  /** A list with and without filters: are there fewer rows, and does each row pass its tests? */
  | {
      readonly kind: 'filter';
      readonly entity: string;
      readonly query?: Readonly<Record<string, string>>;
      /** Parameters that take the instant so many days ago. */
      readonly since?: Readonly<Record<string, number>>;
      readonly rows: readonly RowTest[];
    }
  | { readonly kind: 'deactivated' }
  /** One call of a list whose answer must be of this kind. */
  | {
      readonly kind: 'answer';
      readonly entity: string;
      readonly query: Readonly<Record<string, string>>;
      readonly expects: 'refused' | 'empty' | 'all rows' | 'no count';
    }
  | { readonly kind: 'page size' }
  /** The bound of a window, asked at the exact instant of one record. */
  | { readonly kind: 'bound'; readonly at: 'start of a list' | 'end of a list' | 'start of a feed' }
  | { readonly kind: 'months'; readonly entities: readonly string[] }
  | {
      readonly kind: 'token';
      readonly change: 'altered' | 'of another feed' | 'nonsense' | 'of this survey' | 'of an earlier survey';
    }
  /** A question about what the sampled pages of all entities look like. */
  | { readonly kind: 'fact'; readonly fact: string }
  | { readonly kind: 'report twice' };

/** One assumption of the pipeline, how the tenant is asked about it, and what is different if it is wrong. */
export interface Question {
  readonly id: string;
  readonly assumes: string;
  /** The calls in words. */
  readonly how: string;
  readonly ask: Ask;
  /** What a wrong assumption changes: a setting, an entity's row, what to do. */
  readonly consequence: string;
  /** Entities whose KPIs are at risk if it is wrong, or KPIs; `named`: the entities that the observation names. */
  readonly concerns: readonly string[] | 'named';
}

/** A question with its answer, as `survey.json` has it. */
export interface Answered {
  readonly id: string;
  readonly assumes: string;
  readonly how: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** Set if it is refuted. */
  readonly consequence?: string;
  /** Labels of the KPIs at risk, if it is refuted. */
  readonly kpis?: readonly string[];
  readonly seconds: number;
}
