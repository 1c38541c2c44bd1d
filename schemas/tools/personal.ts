/** Fields that are about people wherever they stand: addresses, phones, e-mails, wages, free text, and what was said. */
const ABOUT_PEOPLE = new Set([
  ...[
    'address',
    'street',
    'unit',
    'city',
    'state',
    'country',
    'zip',
    'latitude',
    'longitude',
    'shipToDescription',
  ],
  ...['email', 'phone', 'phoneNumber', 'fax', 'firstName', 'lastName', 'customerName', 'technicianFullName'],
  ...['authorName', 'authorEmail', 'review', 'reviewResponse', 'createdBy', 'modifiedBy', 'appliedBy'],
  ...['memo', 'excuseMemo', 'note', 'comment', 'text', 'summary', 'internalNotes', 'recommendedSolution'],
  ...[
    'customerPo',
    'externalPayrollId',
    'hourlyRate',
    'recordingUrl',
    'voiceMailPath',
    'uploadedImages',
    'filename',
  ],
  ...['leadCustomerName', 'leadEmail', 'leadPhone', 'leadUrl'],
  ...['leadStreet', 'leadUnit', 'leadCity', 'leadState', 'leadCountry', 'leadZip'],
]);

/** A name, a telephone number or a value that is about people because of what it belongs to. */
const BY_PARENT =
  /(^|\.)(customer|location|agent|createdBy|canceledBy|exportedBy|employee|technician|reportedBy|assignedTo)\.name$|(customFields|externalData)\[\]\.value$/i;

/**
 * Whether a column such as `customer.name` or `items[].cost` is personal data by its name: names of people, addresses, phones,
 * e-mails, wages and free text. What a name does not tell is in `corrections.ts`.
 */
export function isPersonalByName(path: string): boolean {
  const name = path.replaceAll('[]', '').split('.').at(-1) ?? path;
  return ABOUT_PEOPLE.has(name) || BY_PARENT.test(path);
}
