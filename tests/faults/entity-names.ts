/** Entities of every kind of feed: export, export with open records, list of facts, list of a dimension. */
export const NAMES = ['jobs', 'invoices', 'payrolls', 'campaigns'] as const;
export type Name = (typeof NAMES)[number];
