/**
 * Corrections of the vendor's documents, made by hand: what the API really sends, and which columns are personal data. A
 * path such as `items[].cost` names a column.
 */
export interface Corrections {
  /** Strings that contain decimals: all money and quantities of the accounting module. */
  readonly decimals?: readonly string[];
  /** Personal data that no KPI needs: names, addresses, phones, e-mails, wages and free text about people. */
  readonly personal?: readonly string[];
  /** Personal data that a KPI rule reads. */
  readonly personalForKpi?: readonly string[];
}

const ADDRESS = ['street', 'unit', 'city', 'state', 'country'];
const under = (parent: string, names: readonly string[]) => names.map((name) => `${parent}.${name}`);

export const corrections: Readonly<Record<string, Corrections>> = {
  jobs: {
    personal: ['summary', 'customerPo', 'summaryOfWork', 'customFields[].value', 'externalData[].value'],
  },
  appointments: { personal: ['specialInstructions', 'appointmentSummaries[].notes'] },
  appointment_assignments: { personal: ['technicianName'] },
  projects: { personal: ['name', 'summary', 'customFields[].value', 'externalData[].value'] },
  estimates: { personal: ['name', 'summary', 'items[].description'] },
  invoices: {
    decimals: [
      ...['subTotal', 'salesTax', 'total', 'balance', 'discountTotal'],
      ...['quantity', 'cost', 'totalCost', 'price', 'total', 'memberPrice'].map((name) => `items[].${name}`),
    ],
    personal: [
      ...['customer.name', 'location.name', 'createdBy', 'employeeInfo.name', 'assignedTo.name', 'summary'],
      ...under('customerAddress', [...ADDRESS, 'zip']),
      ...under('locationAddress', [...ADDRESS, 'zip']),
      ...['royalty.memo', 'items[].description', 'customFields[].value'],
    ],
  },
  payments: {
    decimals: ['total', 'unappliedAmount', 'appliedTo[].appliedAmount'],
    personal: [
      'customer.name',
      'createdBy',
      'appliedTo[].appliedBy',
      'authCode',
      'checkNumber',
      'memo',
      'customFields[].value',
    ],
  },
  gross_pay_items: {
    personal: ['customerName', 'locationName', 'locationAddress', 'employeePayrollId', 'memo'],
    personalForKpi: ['amount', 'amountAdjustment', 'paidDurationHours'],
  },
  payrolls: { personal: ['burdenRate'] },
  payroll_adjustments: { personal: ['memo', 'rate'], personalForKpi: ['amount', 'hours'] },
  customers: {
    personal: [
      ...under('address', [...ADDRESS, 'latitude', 'longitude']),
      'customFields[].value',
      'externalData[].value',
    ],
    personalForKpi: ['name'],
  },
  locations: {
    personal: [
      'name',
      ...under('address', [...ADDRESS, 'latitude', 'longitude']),
      'customFields[].value',
      'externalData[].value',
    ],
  },
  campaigns: { personal: ['campaignPhoneNumbers'] },
  business_units: {
    personal: ['email', 'phoneNumber', ...under('address', [...ADDRESS, 'zip', 'latitude', 'longitude'])],
  },
  technicians: {
    personal: [
      ...[
        'name',
        'firstName',
        'lastName',
        'email',
        'phoneNumber',
        'mobilePhone',
        'loginName',
        'aadUserId',
        'bio',
        'memo',
      ],
      ...[
        'burdenRate',
        'commissionRate',
        'hourlyRate',
        'soldByRate',
        'dailyGoal',
        'payrollId',
        'outboundCallerId',
      ],
      ...under('home', [...ADDRESS, 'zip', 'streetAddress', 'latitude', 'longitude']),
      ...under('location', ['latitude', 'longitude']),
      'customFields[].value',
    ],
  },
  employees: {
    personal: [
      ...[
        'name',
        'firstName',
        'lastName',
        'email',
        'phoneNumber',
        'loginName',
        'aadUserId',
        'hourlyRate',
        'terminationDate',
      ],
      ...under('home', [...ADDRESS, 'zip']),
      'customFields[].value',
    ],
  },
  purchase_orders: { personal: ['summary', 'customFields[].value', ...under('shipTo', [...ADDRESS, 'zip'])] },
  receipts: {
    personal: [
      ...['memo', 'shipToDescription', 'customFields[].value'],
      ...under('shipTo', [...ADDRESS, 'zip']),
    ],
  },
  returns: { personal: ['memo', 'customFields[].value', 'externalData[].value'] },
  inventory_bills: {
    decimals: [
      ...['billAmount', 'taxAmount', 'shippingAmount', 'otherAmount'],
      ...[
        'quantity',
        'cost',
        'allocatedTax',
        'allocatedShipping',
        'allocatedOtherCosts',
        'fullyLandedUnitCost',
      ].map((name) => `items[].${name}`),
    ],
    personal: [
      'summary',
      'createdBy',
      'shipToDescription',
      ...under('shipTo', [...ADDRESS, 'zip']),
      'customFields[].value',
    ],
  },
  ap_bills: {
    decimals: [
      ...['billAmount', 'vendorInvoiceTotal', 'taxAmount', 'shippingAmount', 'otherAmount'],
      ...[
        'quantity',
        'cost',
        'allocatedTax',
        'allocatedShipping',
        'allocatedOtherCosts',
        'fullyLandedUnitCost',
      ].map((name) => `items[].${name}`),
      'expenseItems[].amount',
    ],
  },
  invoice_items: {
    decimals: ['quantity', 'cost', 'totalCost', 'price', 'total', 'memberPrice'],
    personal: ['description'],
  },
  // What the rules of personal.ts for the other entities cannot tell by a column's name.
  credit_memos: { personal: ['description'] },
  credit_memo_items: { personal: ['description'] },
  bookings: { personal: ['name'] },
  contacts: { personal: ['name', 'title'] },
  contact_methods: { personal: ['value'] },
  customer_contacts: { personal: ['value'] },
  location_contacts: { personal: ['value'] },
  non_job_appointments: { personal: ['name'] },
  location_findings: { personal: ['name', 'description'] },
  form_submissions: { personal: ['units'] },
  service_agreements: { personal: ['name'] },
  estimate_items: { personal: ['description'] },
  tasks: { personal: ['name', 'description', ...under('subTasksData.subTasks[]', ['name'])] },
  // The telephone numbers of both sides.
  calls: { personal: ['from', 'to'] },
};
