// Derived from schemas/*.schema.json by `npm run schema`.
/**
 * One row per version of a record of /jpm/v2/tenant/{tenant}/export/jobs.
 */
export interface Jobs {
/**
 * Job summary
 */
summary?: (string | null)
/**
 * Custom fields on the job
 */
customFields?: (({
/**
 * Custom Field Type Id
 */
typeId?: (number | null)
/**
 * Custom Field Name
 */
name?: (string | null)
/**
 * Custom Field Value
 */
value?: (string | null)
} | null)[] | null)
/**
 * List of external data attached to this job, that corresponds to the application guid provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
/**
 * Summary of work completed on the job. Private preview: available for specific accounts only.
 */
summaryOfWork?: (string | null)
/**
 * ID of the job
 */
id: number
/**
 * Job number
 */
jobNumber?: (string | null)
/**
 * ID of the job's project
 */
projectId?: (number | null)
/**
 * ID of the job's customer
 */
customerId?: (number | null)
/**
 * ID of the job's location
 */
locationId?: (number | null)
/**
 * Status of the job
 */
jobStatus?: (string | null)
/**
 * Date/time (in UTC) when the job was completed
 */
completedOn?: (string | null)
/**
 * ID of the job's business unit
 */
businessUnitId?: (number | null)
/**
 * ID of job type
 */
jobTypeId?: (number | null)
/**
 * Priority of the job
 */
priority?: (string | null)
/**
 * ID of the job's campaign
 */
campaignId?: (number | null)
/**
 * Number of appointments on the job
 */
appointmentCount?: (number | null)
/**
 * ID of the first appointment on the job
 */
firstAppointmentId?: (number | null)
/**
 * ID of the last appointment on the job
 */
lastAppointmentId?: (number | null)
/**
 * ID of the job for which this job is a recall
 */
recallForId?: (number | null)
/**
 * ID of the job for which this job is a warranty
 */
warrantyId?: (number | null)
/**
 * Object that contains: JobId: ID of the job from which this job was generated EmployeeId: ID of the office user or technician
 */
jobGeneratedLeadSource?: ({
/**
 * ID of the job
 */
jobId?: (number | null)
/**
 * ID of the employee
 */
employeeId?: (number | null)
} | null)
/**
 * Whether the job is a no-charge job
 */
noCharge?: (boolean | null)
/**
 * Whether notifications will be sent to customers
 */
notificationsEnabled?: (boolean | null)
/**
 * Date/time (in UTC) when the job was created
 */
createdOn?: (string | null)
/**
 * ID of the user who created the job
 */
createdById?: (number | null)
/**
 * Date/time (in UTC) when job was last modified
 */
modifiedOn?: (string | null)
/**
 * Tags on the job
 */
tagTypeIds?: ((number | null)[] | null)
/**
 * ID of the Call that resulted in this job
 */
leadCallId?: (number | null)
/**
 * ID of the Call that 3rd-party agents are enabled to set.
 */
partnerLeadCallId?: (number | null)
/**
 * ID of the Booking that resulted in this job
 */
bookingId?: (number | null)
/**
 * ID of the Technician that sold this job
 */
soldById?: (number | null)
/**
 * Customer PO
 */
customerPo?: (string | null)
/**
 * ID of the invoice associated with this job.
 */
invoiceId?: (number | null)
/**
 * ID of the Membership associated with this job.
 */
membershipId?: (number | null)
/**
 * Total amount of the job
 */
total?: (number | string | null)
/**
 * ID of the sold estimate from which this job was created
 */
createdFromEstimateId?: (number | null)
/**
 * IDs of estimates that are related to this job
 */
estimateIds?: ((number | null)[] | null)
/**
 * IDs of equipment items attached to this job
 */
equipmentIds?: ((number | null)[] | null)
/**
 * Indicates whether Dispatch Pro is enabled for this job
 */
isAutoDispatched?: (boolean | null)
/**
 * Whether this job is active, or not anymore.
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /jpm/v2/tenant/{tenant}/export/appointments.
 */
export interface Appointments {
/**
 * Work performed summaries for this appointment. Private preview: available for specific accounts only.
 */
appointmentSummaries?: (({
/**
 * When the summary was created (in UTC)
 */
createdOn?: (string | null)
/**
 * ID of the appointment
 */
jobAppointmentId?: (number | null)
/**
 * ID of the job
 */
jobId?: (number | null)
/**
 * When the summary was last modified (in UTC)
 */
modifiedOn?: (string | null)
/**
 * Work performed notes
 */
notes?: (string | null)
/**
 * ID of the technician
 */
technicianId?: (number | null)
} | null)[] | null)
/**
 * Appointment ID
 */
id: number
/**
 * ID of the job that the appointment was created for
 */
jobId?: (number | null)
/**
 * Appointment number
 */
appointmentNumber?: (string | null)
/**
 * Appointment's start date/time (in UTC)
 */
start?: (string | null)
/**
 * Appointment's end date/time (in UTC)
 */
end?: (string | null)
/**
 * Arrival window start date/time (in UTC), if configured
 */
arrivalWindowStart?: (string | null)
/**
 * Arrival window end date/time (in UTC), if configured
 */
arrivalWindowEnd?: (string | null)
/**
 * Appointment's status
 */
status?: (string | number | null)
/**
 * Special instructions associated to the appointment
 */
specialInstructions?: (string | null)
/**
 * When the appointment was created (in UTC)
 */
createdOn?: (string | null)
/**
 * When the appointment was modified (in UTC)
 */
modifiedOn?: (string | null)
/**
 * Id of a customer that the appointment was created for
 */
customerId?: (number | null)
/**
 * Returns true if the appointment is unused
 */
unused?: (boolean | null)
/**
 * ID of the user that created the appointment
 */
createdById?: (number | null)
/**
 * Returns true if the appointment is confirmed
 */
isConfirmed?: (boolean | null)
/**
 * Whether this appointment is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /dispatch/v2/tenant/{tenant}/export/appointment-assignments.
 */
export interface AppointmentAssignments {
/**
 * ID of the appointment assignment
 */
id: number
/**
 * ID of the technician
 */
technicianId?: (number | null)
/**
 * Name of the technician
 */
technicianName?: (string | null)
/**
 * ID of the user who assigned the appointment assignment
 */
assignedById?: (number | null)
/**
 * Date/time (in UTC) when the appointment assignment was assigned
 */
assignedOn?: (string | null)
/**
 * Status of the appointment assignment
 */
status?: (string | number | null)
/**
 * Whether appointment assignment is paused
 */
isPaused?: (boolean | null)
/**
 * ID of the job
 */
jobId?: (number | null)
/**
 * ID of the appointment
 */
appointmentId?: (number | null)
/**
 * When the assignment was created (in UTC)
 */
createdOn?: (string | null)
/**
 * When the assignment was modified (in UTC)
 */
modifiedOn?: (string | null)
/**
 * Indicate if assignment is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /jpm/v2/tenant/{tenant}/export/projects.
 */
export interface Projects {
/**
 * ID of the project
 */
id: number
/**
 * Project number
 */
number?: (string | null)
/**
 * Project name
 */
name?: (string | null)
/**
 * Project summary
 */
summary?: (string | null)
/**
 * Project status
 */
status?: (string | null)
/**
 * Project status id
 */
statusId?: (number | null)
/**
 * Project substatus
 */
subStatus?: (string | null)
/**
 * Project substatus id
 */
subStatusId?: (number | null)
/**
 * ID of the project's customer
 */
customerId?: (number | null)
/**
 * ID of the project's location
 */
locationId?: (number | null)
/**
 * ID of the project's type
 */
projectTypeId?: (number | null)
/**
 * IDs of project managers for the project.
 */
projectManagerIds?: ((number | null)[] | null)
/**
 * IDs of business units for the project.
 */
businessUnitIds?: ((number | null)[] | null)
/**
 * Start date of the project
 */
startDate?: (string | null)
/**
 * Target completion date of the project
 */
targetCompletionDate?: (string | null)
/**
 * Actual completion date of the project
 */
actualCompletionDate?: (string | null)
/**
 * Projects last modification date
 */
modifiedOn?: (string | null)
/**
 * Date/time (in UTC) when the project was created
 */
createdOn?: (string | null)
/**
 * Custom fields on the project
 */
customFields?: (({
/**
 * Custom Field Type Id
 */
typeId?: (number | null)
/**
 * Custom Field Name
 */
name?: (string | null)
/**
 * Custom Field Value
 */
value?: (string | null)
} | null)[] | null)
/**
 * List of external data attached to this project, that corresponds to the application guid provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
/**
 * List of jobs associated with this project.
 */
jobIds?: ((number | null)[] | null)
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /sales/v2/tenant/{tenant}/export/estimates.
 */
export interface Estimates {
/**
 * `id` as the API sends it.
 */
id: number
/**
 * `jobId` as the API sends it.
 */
jobId?: (number | null)
/**
 * `projectId` as the API sends it.
 */
projectId?: (number | null)
/**
 * `locationId` as the API sends it.
 */
locationId?: (number | null)
/**
 * `customerId` as the API sends it.
 */
customerId?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `jobNumber` as the API sends it.
 */
jobNumber?: (string | null)
/**
 * `status` as the API sends it.
 */
status?: ({
/**
 * `value` as the API sends it.
 */
value?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `reviewStatus` as the API sends it.
 */
reviewStatus?: (string | number | null)
/**
 * `summary` as the API sends it.
 */
summary?: (string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `soldOn` as the API sends it.
 */
soldOn?: (string | null)
/**
 * `soldBy` as the API sends it.
 */
soldBy?: (number | null)
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
/**
 * `items` as the API sends it.
 */
items?: (({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `sku` as the API sends it.
 */
sku?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `displayName` as the API sends it.
 */
displayName?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `soldHours` as the API sends it.
 */
soldHours?: (number | string | null)
/**
 * `generalLedgerAccountId` as the API sends it.
 */
generalLedgerAccountId?: (number | null)
/**
 * `generalLedgerAccountName` as the API sends it.
 */
generalLedgerAccountName?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
} | null)
/**
 * `skuAccount` as the API sends it.
 */
skuAccount?: (string | null)
/**
 * `description` as the API sends it.
 */
description?: (string | null)
/**
 * `membershipTypeId` as the API sends it.
 */
membershipTypeId?: (number | null)
/**
 * `qty` as the API sends it.
 */
qty?: (number | string | null)
/**
 * `unitRate` as the API sends it.
 */
unitRate?: (number | string | null)
/**
 * `total` as the API sends it.
 */
total?: (number | string | null)
/**
 * `unitCost` as the API sends it.
 */
unitCost?: (number | string | null)
/**
 * `totalCost` as the API sends it.
 */
totalCost?: (number | string | null)
/**
 * `itemGroupName` as the API sends it.
 */
itemGroupName?: (string | null)
/**
 * `itemGroupRootId` as the API sends it.
 */
itemGroupRootId?: (number | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `chargeable` as the API sends it.
 */
chargeable?: (boolean | null)
/**
 * The invoice item which was created from this estimate item.
 */
invoiceItemId?: (number | null)
/**
 * `budgetCodeId` as the API sends it.
 */
budgetCodeId?: (number | null)
} | null)[] | null)
/**
 * `externalLinks` as the API sends it.
 */
externalLinks?: (({
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `url` as the API sends it.
 */
url?: (string | null)
} | null)[] | null)
/**
 * `subtotal` as the API sends it.
 */
subtotal?: (number | string | null)
/**
 * `tax` as the API sends it.
 */
tax?: (number | string | null)
/**
 * `businessUnitId` as the API sends it.
 */
businessUnitId?: (number | null)
/**
 * `businessUnitName` as the API sends it.
 */
businessUnitName?: (string | null)
/**
 * `isRecommended` as the API sends it.
 */
isRecommended?: (boolean | null)
/**
 * `budgetCodeId` as the API sends it.
 */
budgetCodeId?: (number | null)
/**
 * `isChangeOrder` as the API sends it.
 */
isChangeOrder?: (boolean | null)
/**
 * `proposalTagName` as the API sends it.
 */
proposalTagName?: (string | null)
/**
 * `depositAmount` as the API sends it.
 */
depositAmount?: (number | string | null)
/**
 * `depositPercent` as the API sends it.
 */
depositPercent?: (number | string | null)
/**
 * `requireDepositOnSignature` as the API sends it.
 */
requireDepositOnSignature?: (boolean | null)
}

/**
 * One row per version of a record of /accounting/v2/tenant/{tenant}/export/invoices.
 */
export interface Invoices {
/**
 * `summary` as the API sends it.
 */
summary?: (string | null)
/**
 * `items` as the API sends it.
 */
items?: (({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `description` as the API sends it.
 */
description?: (string | null)
/**
 * `quantity` as the API sends it.
 */
quantity?: (number | string | null)
/**
 * `cost` as the API sends it.
 */
cost?: (number | string | null)
/**
 * `totalCost` as the API sends it.
 */
totalCost?: (number | string | null)
/**
 * `budgetCodeId` as the API sends it.
 */
budgetCodeId?: (number | null)
/**
 * `inventoryLocationId` as the API sends it.
 */
inventoryLocationId?: (number | null)
/**
 * `inventoryLocation` as the API sends it.
 */
inventoryLocation?: (string | null)
/**
 * `price` as the API sends it.
 */
price?: (number | string | null)
/**
 * Indicates a type's item
 */
type?: (string | number | null)
/**
 * `skuName` as the API sends it.
 */
skuName?: (string | null)
/**
 * `skuId` as the API sends it.
 */
skuId?: (number | null)
/**
 * `total` as the API sends it.
 */
total?: (number | string | null)
/**
 * `inventory` as the API sends it.
 */
inventory?: (boolean | null)
/**
 * `taxable` as the API sends it.
 */
taxable?: (boolean | null)
/**
 * `isChargeable` as the API sends it.
 */
isChargeable?: (boolean | null)
/**
 * `generalLedgerAccount` as the API sends it.
 */
generalLedgerAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `costOfSaleAccount` as the API sends it.
 */
costOfSaleAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `assetAccount` as the API sends it.
 */
assetAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `membershipTypeId` as the API sends it.
 */
membershipTypeId?: (number | null)
/**
 * `itemGroup` as the API sends it.
 */
itemGroup?: ({
/**
 * `rootId` as the API sends it.
 */
rootId?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `displayName` as the API sends it.
 */
displayName?: (string | null)
/**
 * `soldHours` as the API sends it.
 */
soldHours?: (number | string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `serviceDate` as the API sends it.
 */
serviceDate?: (string | null)
/**
 * `order` as the API sends it.
 */
order?: (number | null)
/**
 * `businessUnit` as the API sends it.
 */
businessUnit?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `createdById` as the API sends it.
 */
createdById?: (number | null)
/**
 * `displayInAmount` as the API sends it.
 */
displayInAmount?: (boolean | null)
/**
 * `importId` as the API sends it.
 */
importId?: (string | null)
/**
 * `exportId` as the API sends it.
 */
exportId?: (string | null)
/**
 * `inventoryStatus` as the API sends it.
 */
inventoryStatus?: (string | null)
/**
 * `addOn` as the API sends it.
 */
addOn?: (boolean | null)
/**
 * `memberPrice` as the API sends it.
 */
memberPrice?: (number | string | null)
/**
 * `technicianId` as the API sends it.
 */
technicianId?: (number | null)
/**
 * `installedEquipmentId` as the API sends it.
 */
installedEquipmentId?: (number | null)
/**
 * The estimate item from which this invoice item was created.
 */
estimateItemId?: (number | null)
} | null)[] | null)
/**
 * `customFields` as the API sends it.
 */
customFields?: (({
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * Whether this invoice is active, or not anymore.
 */
active?: (boolean | null)
/**
 * `discountTotal` as the API sends it.
 */
discountTotal?: (number | string | null)
/**
 * `importId` as the API sends it.
 */
importId?: (string | null)
/**
 * `exportId` as the API sends it.
 */
exportId?: (string | null)
/**
 * `materialSkuId` as the API sends it.
 */
materialSkuId?: (number | null)
/**
 * `membershipId` as the API sends it.
 */
membershipId?: (number | null)
/**
 * `paidOn` as the API sends it.
 */
paidOn?: (string | null)
/**
 * `invoiceConfiguration` as the API sends it.
 */
invoiceConfiguration?: (string | number | null)
/**
 * `id` as the API sends it.
 */
id: number
/**
 * `syncStatus` as the API sends it.
 */
syncStatus?: (string | null)
/**
 * `budgetCodeId` as the API sends it.
 */
budgetCodeId?: (number | null)
/**
 * `referenceNumber` as the API sends it.
 */
referenceNumber?: (string | null)
/**
 * `invoiceDate` as the API sends it.
 */
invoiceDate?: (string | null)
/**
 * `dueDate` as the API sends it.
 */
dueDate?: (string | null)
/**
 * `subTotal` as the API sends it.
 */
subTotal?: (number | string | null)
/**
 * `salesTax` as the API sends it.
 */
salesTax?: (number | string | null)
/**
 * `salesTaxCode` as the API sends it.
 */
salesTaxCode?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `taxRate` as the API sends it.
 */
taxRate?: (number | string | null)
} | null)
/**
 * `taxZoneId` as the API sends it.
 */
taxZoneId?: (number | null)
/**
 * `total` as the API sends it.
 */
total?: (number | string | null)
/**
 * `balance` as the API sends it.
 */
balance?: (number | string | null)
/**
 * `invoiceType` as the API sends it.
 */
invoiceType?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `customer` as the API sends it.
 */
customer?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `customerAddress` as the API sends it.
 */
customerAddress?: ({
/**
 * `street` as the API sends it.
 */
street?: (string | null)
/**
 * `unit` as the API sends it.
 */
unit?: (string | null)
/**
 * `city` as the API sends it.
 */
city?: (string | null)
/**
 * `state` as the API sends it.
 */
state?: (string | null)
/**
 * `zip` as the API sends it.
 */
zip?: (string | null)
/**
 * `country` as the API sends it.
 */
country?: (string | null)
} | null)
/**
 * `location` as the API sends it.
 */
location?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `locationAddress` as the API sends it.
 */
locationAddress?: ({
/**
 * `street` as the API sends it.
 */
street?: (string | null)
/**
 * `unit` as the API sends it.
 */
unit?: (string | null)
/**
 * `city` as the API sends it.
 */
city?: (string | null)
/**
 * `state` as the API sends it.
 */
state?: (string | null)
/**
 * `zip` as the API sends it.
 */
zip?: (string | null)
/**
 * `country` as the API sends it.
 */
country?: (string | null)
} | null)
/**
 * `businessUnit` as the API sends it.
 */
businessUnit?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `termName` as the API sends it.
 */
termName?: (string | null)
/**
 * `createdBy` as the API sends it.
 */
createdBy?: (string | null)
/**
 * `batch` as the API sends it.
 */
batch?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `depositedOn` as the API sends it.
 */
depositedOn?: (string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `adjustmentToId` as the API sends it.
 */
adjustmentToId?: (number | null)
/**
 * `job` as the API sends it.
 */
job?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
} | null)
/**
 * `projectId` as the API sends it.
 */
projectId?: (number | null)
/**
 * `royalty` as the API sends it.
 */
royalty?: ({
/**
 * `status` as the API sends it.
 */
status?: (string | null)
/**
 * `date` as the API sends it.
 */
date?: (string | null)
/**
 * `sentOn` as the API sends it.
 */
sentOn?: (string | null)
/**
 * `memo` as the API sends it.
 */
memo?: (string | null)
} | null)
/**
 * `employeeInfo` as the API sends it.
 */
employeeInfo?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
} | null)
/**
 * `commissionEligibilityDate` as the API sends it.
 */
commissionEligibilityDate?: (string | null)
/**
 * `sentStatus` as the API sends it.
 */
sentStatus?: (string | number | null)
/**
 * `reviewStatus` as the API sends it.
 */
reviewStatus?: (string | number | null)
/**
 * `assignedTo` as the API sends it.
 */
assignedTo?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
}

/**
 * One row per version of a record of /accounting/v2/tenant/{tenant}/export/payments.
 */
export interface Payments {
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
/**
 * `appliedTo` as the API sends it.
 */
appliedTo?: (({
/**
 * `appliedAmount` as the API sends it.
 */
appliedAmount?: (number | string | null)
/**
 * `appliedBy` as the API sends it.
 */
appliedBy?: (string | null)
/**
 * `appliedId` as the API sends it.
 */
appliedId?: (number | null)
/**
 * `appliedOn` as the API sends it.
 */
appliedOn?: (string | null)
/**
 * `appliedTo` as the API sends it.
 */
appliedTo?: (number | null)
/**
 * `appliedToReferenceNumber` as the API sends it.
 */
appliedToReferenceNumber?: (string | null)
} | null)[] | null)
/**
 * `authCode` as the API sends it.
 */
authCode?: (string | null)
/**
 * `batch` as the API sends it.
 */
batch?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `businessUnit` as the API sends it.
 */
businessUnit?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `checkNumber` as the API sends it.
 */
checkNumber?: (string | null)
/**
 * `createdBy` as the API sends it.
 */
createdBy?: (string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `customer` as the API sends it.
 */
customer?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `customFields` as the API sends it.
 */
customFields?: (({
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * `date` as the API sends it.
 */
date?: (string | null)
/**
 * `deposit` as the API sends it.
 */
deposit?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `generalLedgerAccount` as the API sends it.
 */
generalLedgerAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `id` as the API sends it.
 */
id: number
/**
 * `memo` as the API sends it.
 */
memo?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `referenceNumber` as the API sends it.
 */
referenceNumber?: (string | null)
/**
 * `refundedPaymentId` as the API sends it.
 */
refundedPaymentId?: (number | null)
/**
 * `syncStatus` as the API sends it.
 */
syncStatus?: (string | null)
/**
 * `total` as the API sends it.
 */
total?: (number | string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `typeId` as the API sends it.
 */
typeId?: (string | null)
/**
 * `unappliedAmount` as the API sends it.
 */
unappliedAmount?: (number | string | null)
}

/**
 * One row per version of a record of /payroll/v2/tenant/{tenant}/export/gross-pay-items.
 */
export interface GrossPayItems {
/**
 * The gross pay item ID
 */
id: number
/**
 * The employee/technician ID
 */
employeeId?: (number | null)
/**
 * The employee type
 */
employeeType?: (string | number | null)
/**
 * The business unit name
 */
businessUnitName?: (string | null)
/**
 * The payroll ID
 */
payrollId?: (number | null)
/**
 * Employee/Technician payroll ID
 */
employeePayrollId?: (string | null)
/**
 * The date (UTC) of the gross pay item
 */
date?: (string | null)
/**
 * The activity
 */
activity?: (string | null)
/**
 * The payroll activity code ID
 */
activityCodeId?: (number | null)
/**
 * The payroll activity code name
 */
activityCode?: (string | null)
/**
 * The amount
 */
amount?: (number | string | null)
/**
 * The amount adjustment
 */
amountAdjustment?: (number | string | null)
/**
 * The payout business unit name
 */
payoutBusinessUnitName?: (string | null)
/**
 * Type of the gross pay item
 */
grossPayItemType?: (string | number | null)
/**
 * The start time (UTC)
 */
startedOn?: (string | null)
/**
 * The end time (UTC)
 */
endedOn?: (string | null)
/**
 * The paid duration in hours
 */
paidDurationHours?: (number | string | null)
/**
 * Type of the paid time
 */
paidTimeType?: (string | number | null)
/**
 * The source entity ID. When the GrossPayItemType is TimesheetTime, this is the Timesheet Activity ID.
 */
sourceEntityId?: (number | null)
/**
 * The job ID
 */
jobId?: (number | null)
/**
 * The job number
 */
jobNumber?: (string | null)
/**
 * Name of the job type
 */
jobTypeName?: (string | null)
/**
 * The project number
 */
projectNumber?: (string | null)
/**
 * The project ID
 */
projectId?: (number | null)
/**
 * The invoice ID
 */
invoiceId?: (number | null)
/**
 * The invoice number
 */
invoiceNumber?: (string | null)
/**
 * The invoice item ID
 */
invoiceItemId?: (number | null)
/**
 * The customer ID
 */
customerId?: (number | null)
/**
 * The customer name
 */
customerName?: (string | null)
/**
 * The location ID
 */
locationId?: (number | null)
/**
 * The location name
 */
locationName?: (string | null)
/**
 * The location address
 */
locationAddress?: (string | null)
/**
 * The location zip
 */
locationZip?: (string | null)
/**
 * The zone name
 */
zoneName?: (string | null)
/**
 * The tax zone name
 */
taxZoneName?: (string | null)
/**
 * ID of the labor type
 */
laborTypeId?: (number | null)
/**
 * Code of the labor type
 */
laborTypeCode?: (string | null)
/**
 * The budget code ID
 */
budgetCodeId?: (number | null)
/**
 * Defines whether it's a prevailing wage job
 */
isPrevailingWageJob?: (boolean | null)
/**
 * The short message
 */
memo?: (string | null)
/**
 * Date/time (on UTC) when the gross pay item was created
 */
createdOn?: (string | null)
/**
 * Date/time (on UTC) when the gross pay item was modified
 */
modifiedOn?: (string | null)
/**
 * Whether gross pay item is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /payroll/v2/tenant/{tenant}/payrolls.
 */
export interface Payrolls {
/**
 * ID of the payroll
 */
id: number
/**
 * Started on date (UTC) of the payroll
 */
startedOn?: (string | null)
/**
 * Ended on date (UTC) of the payroll
 */
endedOn?: (string | null)
/**
 * Employee ID of the payroll
 */
employeeId?: (number | null)
/**
 * Employee type of the payroll
 */
employeeType?: (string | number | null)
/**
 * Status of the payroll
 */
status?: (string | number | null)
/**
 * Burden rate of employee
 */
burdenRate?: (number | string | null)
/**
 * Date/time (on UTC) when the payroll was approved
 */
managerApprovedOn?: (string | null)
/**
 * Date/time (on UTC) when the payroll adjustment was created
 */
createdOn?: (string | null)
/**
 * Date/time (on UTC) when the payroll adjustment was modified
 */
modifiedOn?: (string | null)
/**
 * Whether payroll adjustment is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /payroll/v2/tenant/{tenant}/export/payroll-adjustments.
 */
export interface PayrollAdjustments {
/**
 * ID of the payroll adjustment
 */
id: number
/**
 * Employee type of the payroll adjustment
 */
employeeType?: (string | number | null)
/**
 * Employee ID of the payroll adjustment
 */
employeeId?: (number | null)
/**
 * Posted date/time (UTC) of the payroll adjustment
 */
postedOn?: (string | null)
/**
 * Amount of the payroll adjustment
 */
amount?: (number | string | null)
/**
 * Memo of the payroll adjustment
 */
memo?: (string | null)
/**
 * Activity code ID of the payroll adjustment
 */
activityCodeId?: (number | null)
/**
 * ID of the payroll adjustment invoice
 */
invoiceId?: (number | null)
/**
 * Hours of the payroll adjustment
 */
hours?: (number | string | null)
/**
 * Rate of the payroll adjustment
 */
rate?: (number | string | null)
/**
 * Quantity of the payroll adjustment
 */
quantity?: (number | string | null)
/**
 * Type of the payroll adjustment
 */
type?: (string | number | null)
/**
 * Date/time (on UTC) when the payroll adjustment was created
 */
createdOn?: (string | null)
/**
 * Date/time (on UTC) when the payroll adjustment was modified
 */
modifiedOn?: (string | null)
/**
 * Whether payroll adjustment is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /payroll/v2/tenant/{tenant}/export/activity-codes.
 */
export interface ActivityCodes {
/**
 * ID of the payroll activity code
 */
id: number
/**
 * Name of the payroll activity code
 */
name?: (string | null)
/**
 * Code of the payroll activity code
 */
code?: (string | null)
/**
 * Earning category of the payroll activity code
 */
earningCategory?: (string | number | null)
/**
 * Date/time (on UTC) when the payroll activity code was created
 */
createdOn?: (string | null)
/**
 * Date/time (on UTC) when the payroll activity code was modified
 */
modifiedOn?: (string | null)
/**
 * Indicates whether the earnings code is discretionary (excluded from regular rate of pay calculations)
 */
isDiscretionary?: (boolean | null)
/**
 * Indicates whether the payroll activity code is active
 */
active?: (boolean | null)
}

/**
 * One row per version of a record of /crm/v2/tenant/{tenant}/export/customers.
 */
export interface Customers {
/**
 * ID of the customer
 */
id: number
/**
 * False indicates that someone has deactivated the customer record, typically upon merging with another record.
 */
active?: (boolean | null)
/**
 * Name of the customer
 */
name?: (string | null)
/**
 * Residential or commercial
 */
type?: (string | number | null)
/**
 * Bill-To address of the customer record
 */
address?: ({
/**
 * Street
 */
street?: (string | null)
/**
 * Unit
 */
unit?: (string | null)
/**
 * City
 */
city?: (string | null)
/**
 * State
 */
state?: (string | null)
/**
 * Zip
 */
zip?: (string | null)
/**
 * Country
 */
country?: (string | null)
/**
 * Latitude
 */
latitude?: (number | null)
/**
 * Longitude
 */
longitude?: (number | null)
} | null)
/**
 * Customer record’s custom fields
 */
customFields?: (({
/**
 * ID of the custom field
 */
typeId?: (number | null)
/**
 * Name/label of the custom field
 */
name?: (string | null)
/**
 * Value of the custom field
 */
value?: (string | null)
} | null)[] | null)
/**
 * Customer’s account balance
 */
balance?: (number | string | null)
/**
 * Tax Exempt status of the customer.
 */
taxExempt?: (boolean | null)
/**
 * Tag Type IDs associated with the Customer
 */
tagTypeIds?: ((number | null)[] | null)
/**
 * Customer has been flagged as “do not mail”
 */
doNotMail?: (boolean | null)
/**
 * Customer has been flagged as “do not service”
 */
doNotService?: (boolean | null)
/**
 * Customer has been flagged as National Account
 */
nationalAccount?: (boolean | null)
/**
 * DateTime (UTC) that customer record was created
 */
createdOn?: (string | null)
/**
 * User ID who created the record.
 */
createdById?: (number | null)
/**
 * Modified on (UTC) for the record.
 */
modifiedOn?: (string | null)
/**
 * The customer ID of the record that this record was previously merged to.
 */
mergedToId?: (number | null)
/**
 * The Payment Term ID.
 */
paymentTermId?: (number | null)
/**
 * Credit Limit for the customer.
 */
creditLimit?: (number | string | null)
/**
 * Credit Limit Balance for the customer.
 */
creditLimitBalance?: (number | string | null)
/**
 * List of external data attached to this Customer, which corresponds to the application GUID provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
}

/**
 * One row per version of a record of /crm/v2/tenant/{tenant}/export/locations.
 */
export interface Locations {
/**
 * ID of the location tax zone
 */
taxZoneId?: (number | null)
/**
 * ID of the location
 */
id: number
/**
 * ID of the location’s customer.
 */
customerId?: (number | null)
/**
 * If false, the record has been deactivated.
 */
active?: (boolean | null)
/**
 * Name of the location
 */
name?: (string | null)
/**
 * Location’s address
 */
address?: ({
/**
 * Street
 */
street?: (string | null)
/**
 * Unit
 */
unit?: (string | null)
/**
 * City
 */
city?: (string | null)
/**
 * State
 */
state?: (string | null)
/**
 * Zip
 */
zip?: (string | null)
/**
 * Country
 */
country?: (string | null)
/**
 * Latitude
 */
latitude?: (number | null)
/**
 * Longitude
 */
longitude?: (number | null)
} | null)
/**
 * Location record’s custom fields
 */
customFields?: (({
/**
 * ID of the custom field
 */
typeId?: (number | null)
/**
 * Name/label of the custom field
 */
name?: (string | null)
/**
 * Value of the custom field
 */
value?: (string | null)
} | null)[] | null)
/**
 * DateTime (UTC) that location record was created
 */
createdOn?: (string | null)
/**
 * User ID who created the record.
 */
createdById?: (number | null)
/**
 * Modified On (UTC) for the record.
 */
modifiedOn?: (string | null)
/**
 * Tells you which location record this record was merged into.
 */
mergedToId?: (number | null)
/**
 * ID of the location's Zone
 */
zoneId?: (number | null)
/**
 * Tax Exempt status of the location.
 */
taxExempt?: (boolean | null)
/**
 * Tag Type IDs of the location
 */
tagTypeIds?: ((number | null)[] | null)
/**
 * List of external data attached to this Location, which corresponds to the application GUID provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
}

/**
 * One row per version of a record of /marketing/v2/tenant/{tenant}/campaigns.
 */
export interface Campaigns {
/**
 * `id` as the API sends it.
 */
id: number
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
/**
 * `isDefaultCampaign` as the API sends it.
 */
isDefaultCampaign?: (boolean | null)
/**
 * `category` as the API sends it.
 */
category?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
} | null)
/**
 * `source` as the API sends it.
 */
source?: (string | null)
/**
 * `otherSource` as the API sends it.
 */
otherSource?: (string | null)
/**
 * `businessUnit` as the API sends it.
 */
businessUnit?: (string | null)
/**
 * `medium` as the API sends it.
 */
medium?: (string | null)
/**
 * `otherMedium` as the API sends it.
 */
otherMedium?: (string | null)
/**
 * `campaignPhoneNumbers` as the API sends it.
 */
campaignPhoneNumbers?: ((string | null)[] | null)
}

/**
 * One row per version of a record of /jpm/v2/tenant/{tenant}/job-types.
 */
export interface JobTypes {
/**
 * ID of the job type
 */
id: number
/**
 * Name of the job type
 */
name?: (string | null)
/**
 * Business Unit Ids associated with job type
 */
businessUnitIds?: ((number | null)[] | null)
/**
 * List of skills required to complete this job
 */
skills?: ((string | null)[] | null)
/**
 * Tags here will automatically be applied to jobs booked
 */
tagTypeIds?: ((number | null)[] | null)
/**
 * Level of urgency for this type of job
 */
priority?: (string | null)
/**
 * Avg length of time for this job type
 */
duration?: (number | null)
/**
 * A job is considered as converted if subtotal meets or exceeds this threshold
 */
soldThreshold?: (number | string | null)
/**
 * Let’s you group other job types by class
 */
class?: (string | null)
/**
 * Text that is automatically added to job summary when booked
 */
summary?: (string | null)
/**
 * When true, all jobs are considered no charge
 */
noCharge?: (boolean | null)
/**
 * When true enforce recurring service event
 */
enforceRecurringServiceEventSelection?: (boolean | null)
/**
 * When true signature is required
 */
invoiceSignaturesRequired?: (boolean | null)
/**
 * Date/time (in UTC) when job type was last modified
 */
modifiedOn?: (string | null)
/**
 * Date/time (in UTC) when job type was created
 */
createdOn?: (string | null)
/**
 * List of external data attached to this job type, that corresponds to the application guid provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
/**
 * When true, job type is active
 */
active?: (boolean | null)
/**
 * When true, job type is enabled for dispatch pro
 */
isSmartDispatched?: (boolean | null)
/**
 * Default action when an estimate is sold for this job type
 */
defaultEstimateSoldAction?: (string | null)
/**
 * Custom field type IDs assigned to this job type
 */
customFieldTypeIds?: ((number | null)[] | null)
}

/**
 * One row per version of a record of /settings/v2/tenant/{tenant}/export/business-units.
 */
export interface BusinessUnits {
/**
 * ID of the business unit
 */
id: number
/**
 * Whether the business unit is active
 */
active?: (boolean | null)
/**
 * The internal name of the business unit
 */
name?: (string | null)
/**
 * The official name which customers see for the business unit
 */
officialName?: (string | null)
/**
 * The default email address associated with the business unit
 */
email?: (string | null)
/**
 * The currency code used by the business unit (e.g., USD, CAD)
 */
currency?: (string | null)
/**
 * The primary phone number for the business unit
 */
phoneNumber?: (string | null)
/**
 * The header text displayed on invoices and estimates with this business unit
 */
invoiceHeader?: (string | null)
/**
 * The message text displayed at the footer of all invoices and estimates with this business unit
 */
invoiceMessage?: (string | null)
/**
 * The default tax rate applied to taxable pricebook items this business unit
 */
defaultTaxRate?: (number | string | null)
/**
 * The authorization paragraph for customers to authorize work with this business unit
 */
authorizationParagraph?: (string | null)
/**
 * The acknowledgement paragraph for customers to sign for completed work with this business unit
 */
acknowledgementParagraph?: (string | null)
/**
 * The address information for the business unit
 */
address?: ({
/**
 * `street` as the API sends it.
 */
street?: (string | null)
/**
 * `unit` as the API sends it.
 */
unit?: (string | null)
/**
 * `city` as the API sends it.
 */
city?: (string | null)
/**
 * `state` as the API sends it.
 */
state?: (string | null)
/**
 * `zip` as the API sends it.
 */
zip?: (string | null)
/**
 * `country` as the API sends it.
 */
country?: (string | null)
/**
 * `latitude` as the API sends it.
 */
latitude?: (number | null)
/**
 * `longitude` as the API sends it.
 */
longitude?: (number | null)
/**
 * `isManualCoordinates` as the API sends it.
 */
isManualCoordinates?: (boolean | null)
/**
 * `isMilitary` as the API sends it.
 */
isMilitary?: (boolean | null)
} | null)
/**
 * The SKU for materials associated with this business unit
 */
materialSku?: (string | null)
/**
 * The QuickBooks class name for accounting integration
 */
quickbooksClass?: (string | null)
/**
 * The account code for the business unit tenant
 */
accountCode?: (string | null)
/**
 * The franchise ID for the business unit tenant
 */
franchiseId?: (string | null)
/**
 * The concept code for the business unit tenant
 */
conceptCode?: (string | null)
/**
 * The corporate contract number associated with the business unit
 */
corporateContractNumber?: (string | null)
/**
 * The trade associated with the business unit
 */
trade?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * The division within the company to which the business unit belongs
 */
division?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * List of tag type IDs associated with the business unit and automatically associated with jobs
 */
tagTypeIds?: ((number | null)[] | null)
/**
 * Tenant to which the business unit belongs
 */
tenant?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `accountCode` as the API sends it.
 */
accountCode?: (string | null)
/**
 * `franchiseId` as the API sends it.
 */
franchiseId?: (string | null)
/**
 * `conceptCode` as the API sends it.
 */
conceptCode?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
} | null)
/**
 * When the business unit was created
 */
createdOn?: (string | null)
/**
 * When the business unit was modified
 */
modifiedOn?: (string | null)
/**
 * Optional list of external data items attached to this business unit
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
/**
 * Certified Sentricon Specialist Code (CSS Code) for this business unit.
 */
certifiedSentriconSpecialistCode?: (string | null)
}

/**
 * One row per version of a record of /settings/v2/tenant/{tenant}/export/technicians.
 */
export interface Technicians {
/**
 * ID of the technician
 */
id: number
/**
 * ID of the user that belongs to the technician
 */
userId?: (number | null)
/**
 * Technician's name
 */
name?: (string | null)
/**
 * IDs of the user roles assigned to the technician.
 */
roleIds?: ((number | null)[] | null)
/**
 * ID of business unit technician belongs to
 */
businessUnitId?: (number | null)
/**
 * ID of the main technician's zone
 */
mainZoneId?: (number | null)
/**
 * IDs of all technician's zones
 */
zoneIds?: ((number | null)[] | null)
/**
 * When the technician was created
 */
createdOn?: (string | null)
/**
 * When the technician was modified
 */
modifiedOn?: (string | null)
/**
 * Email address of the technician
 */
email?: (string | null)
/**
 * Phone number of the technician
 */
phoneNumber?: (string | null)
/**
 * Login name of the technician
 */
loginName?: (string | null)
/**
 * Technician's home address
 */
home?: ({
/**
 * `street` as the API sends it.
 */
street?: (string | null)
/**
 * `unit` as the API sends it.
 */
unit?: (string | null)
/**
 * `country` as the API sends it.
 */
country?: (string | null)
/**
 * `city` as the API sends it.
 */
city?: (string | null)
/**
 * `state` as the API sends it.
 */
state?: (string | null)
/**
 * `zip` as the API sends it.
 */
zip?: (string | null)
/**
 * `streetAddress` as the API sends it.
 */
streetAddress?: (string | null)
/**
 * `latitude` as the API sends it.
 */
latitude?: (number | null)
/**
 * `longitude` as the API sends it.
 */
longitude?: (number | null)
} | null)
/**
 * Technician's daily goal
 */
dailyGoal?: (number | string | null)
/**
 * Whether the technician is managed
 */
isManagedTech?: (boolean | null)
/**
 * License type
 */
licenseType?: (string | number | null)
/**
 * Custom fields
 */
customFields?: (({
/**
 * `typeId` as the API sends it.
 */
typeId?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * Whether the technician is active
 */
active?: (boolean | null)
/**
 * Azure Active Directory User Id
 */
aadUserId?: (string | null)
/**
 * Technician's burden rate
 */
burdenRate?: (number | string | null)
/**
 * Team of the technician
 */
team?: (string | null)
/**
 * Job Filter of the technician
 */
jobFilter?: (string | number | null)
/**
 * List of the all availible permissions for this user.
 */
permissions?: (({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * Account Locked Status
 */
accountLocked?: (boolean | null)
/**
 * Technician Commision Rate
 */
commissionRate?: (number | string | null)
/**
 * Technician today statistic current value
 */
currentValue?: (number | string | null)
/**
 * Technician First name
 */
firstName?: (string | null)
/**
 * Technician Last name
 */
lastName?: (string | null)
/**
 * Technician hourly rate
 */
hourlyRate?: (number | string | null)
/**
 * Technician Job id
 */
jobId?: (number | null)
/**
 * Mobile phone
 */
mobilePhone?: (string | null)
/**
 * OutboundCallerId
 */
outboundCallerId?: (string | null)
/**
 * Payroll id
 */
payrollId?: (string | null)
/**
 * Payroll profile id
 */
payrollProfileId?: (number | null)
/**
 * Id of job appointment on which the technician is currently working.
 */
appoitmentId?: (number | null)
/**
 * Shift Start
 */
shiftStart?: (string | null)
/**
 * Shift End
 */
shiftEnd?: (string | null)
/**
 * Sold By Rate
 */
soldByRate?: (number | string | null)
/**
 * Start Date
 */
startDate?: (string | null)
/**
 * Status
 */
status?: (string | number | null)
/**
 * Skills
 */
skills?: (({
/**
 * SkillId
 */
id?: (number | null)
/**
 * Skill name
 */
name?: (string | null)
} | null)[] | null)
/**
 * Company positions
 */
positions?: ((string | number | null)[] | null)
/**
 * Location: Lat, Long, Last update time
 */
location?: ({
/**
 * Latitude
 */
latitude?: (number | null)
/**
 * Longitude
 */
longitude?: (number | null)
/**
 * Timestamp when coordinates updated last time
 */
coordinatesUpdatedOn?: (string | null)
} | null)
/**
 * Biography
 */
bio?: (string | null)
/**
 * Memo
 */
memo?: (string | null)
}

/**
 * One row per version of a record of /settings/v2/tenant/{tenant}/export/employees.
 */
export interface Employees {
/**
 * Custom fields
 */
customFields?: (({
/**
 * `typeId` as the API sends it.
 */
typeId?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * List of the all availible permissions for this user.
 */
permissions?: (({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * ID of the employee
 */
id: number
/**
 * ID of the user that belongs to the employee
 */
userId?: (number | null)
/**
 * Employee's name
 */
name?: (string | null)
/**
 * Employee first name
 */
firstName?: (string | null)
/**
 * Employee last name
 */
lastName?: (string | null)
/**
 * Employee manager id
 */
managerId?: (number | null)
/**
 * [DEPRECATED] Please, use field RoleIds> instead. Built in user role. Built in role is a template for creating user role.
 */
role?: (string | number | null)
/**
 * IDs of the user roles assigned to the technician.
 */
roleIds?: ((number | null)[] | null)
/**
 * ID of business unit employee belongs to
 */
businessUnitId?: (number | null)
/**
 * When the employee was created
 */
createdOn?: (string | null)
/**
 * When the employee was modified
 */
modifiedOn?: (string | null)
/**
 * Email address of the employee
 */
email?: (string | null)
/**
 * Phone number of the employee
 */
phoneNumber?: (string | null)
/**
 * Login name of the employee
 */
loginName?: (string | null)
/**
 * Whether the employee is active
 */
active?: (boolean | null)
/**
 * Azure Active Directory User Id
 */
aadUserId?: (string | null)
/**
 * Account Locked Status
 */
accountLocked?: (boolean | null)
/**
 * Employee home address details
 */
home?: ({
/**
 * Street
 */
street?: (string | null)
/**
 * Unit
 */
unit?: (string | null)
/**
 * Country
 */
country?: (string | null)
/**
 * City
 */
city?: (string | null)
/**
 * State
 */
state?: (string | null)
/**
 * Zip
 */
zip?: (string | null)
} | null)
/**
 * Agent id
 */
agentId?: (number | null)
/**
 * Start date
 */
startDate?: (string | null)
/**
 * Termination date
 */
terminationDate?: (string | null)
/**
 * Hourly rate
 */
hourlyRate?: (number | string | null)
/**
 * Overtime profile id
 */
overtimeProfileId?: (number | null)
}

/**
 * One row per version of a record of /settings/v2/tenant/{tenant}/export/tag-types.
 */
export interface TagTypes {
/**
 * ID of the tag type
 */
id: number
/**
 * Name of the tag type
 */
name?: (string | null)
/**
 * Color hex string of the tag type
 */
color?: (string | null)
/**
 * Code associated with the tag type
 */
code?: (string | null)
/**
 * The TagImportance of the tag type
 */
importance?: (string | number | null)
/**
 * Indicates whether tags of this type should be considered as an opportunity
 */
isConversionOpportunity?: (boolean | null)
/**
 * Gets or sets a value indicating whether tags of this type allowed to be used on timesheet activity
 */
allowToUseOnTimesheetActivity?: (boolean | null)
/**
 * Gets or sets a value indicating whether tags of this type are visible on dispatch board.
 */
isVisibleOnDispatchBoard?: (boolean | null)
/**
 * Whether the tag type is active
 */
active?: (boolean | null)
/**
 * Date/time (in UTC) when the tag type was created
 */
createdOn?: (string | null)
/**
 * Date/time (in UTC) when the tag type was last modified
 */
modifiedOn?: (string | null)
}

/**
 * One row per version of a record of /inventory/v2/tenant/{tenant}/export/purchase-orders.
 */
export interface PurchaseOrders {
/**
 * Purchase order Id
 */
id: number
/**
 * Purchase order number
 */
number?: (string | null)
/**
 * Id of invoice associated with PO
 */
invoiceId?: (number | null)
/**
 * Id of job associated with PO
 */
jobId?: (number | null)
/**
 * Id of project associated with PO
 */
projectId?: (number | null)
/**
 * Status of this PO
 */
status?: (string | null)
/**
 * The purchase order type Id of this PO
 */
typeId?: (number | null)
/**
 * Id of vendor for this PO
 */
vendorId?: (number | null)
/**
 * Id of technician for this PO
 */
technicianId?: (number | null)
/**
 * Shipping address for this PO
 */
shipTo?: ({
/**
 * Street
 */
street?: (string | null)
/**
 * Unit
 */
unit?: (string | null)
/**
 * City
 */
city?: (string | null)
/**
 * State
 */
state?: (string | null)
/**
 * Zip code
 */
zip?: (string | null)
/**
 * Country code
 */
country?: (string | null)
} | null)
/**
 * Id of business unit for this PO
 */
businessUnitId?: (number | null)
/**
 * Inventory location Id of PO
 */
inventoryLocationId?: (number | null)
/**
 * Batch Id of PO
 */
batchId?: (number | null)
/**
 * Id of the budget code for this PO
 */
budgetCodeId?: (number | null)
/**
 * Vendor document number of PO
 */
vendorDocumentNumber?: (string | null)
/**
 * PO date
 */
date?: (string | null)
/**
 * PO required on date
 */
requiredOn?: (string | null)
/**
 * PO sent on date
 */
sentOn?: (string | null)
/**
 * PO received on date
 */
receivedOn?: (string | null)
/**
 * When PO was created, system date
 */
createdOn?: (string | null)
/**
 * When PO was last modified, system date
 */
modifiedOn?: (string | null)
/**
 * PO total, including items cost, tax and shipping cost
 */
total?: (number | string | null)
/**
 * PO tax
 */
tax?: (number | string | null)
/**
 * PO shipping cost
 */
shipping?: (number | string | null)
/**
 * User who created the PO
 */
createdById?: (number | null)
/**
 * PO summary/memo
 */
summary?: (string | null)
/**
 * List of PO items
 */
items?: (({
/**
 * Item Id
 */
id?: (number | null)
/**
 * Sku Id
 */
skuId?: (number | null)
/**
 * Item description
 */
description?: (string | null)
/**
 * system created date
 */
createdOn?: (string | null)
/**
 * last time transfer item was modified date
 */
modifiedOn?: (string | null)
/**
 * Item name
 */
skuName?: (string | null)
/**
 * Item code
 */
skuCode?: (string | null)
/**
 * Item type(material or equipment)
 */
skuType?: (string | null)
/**
 * Vendor part number for this item
 */
vendorPartNumber?: (string | null)
/**
 * Item quantity
 */
quantity?: (number | string | null)
/**
 * Quantity received for this item, PO must have at least one receipt for this to be not 0
 */
quantityReceived?: (number | string | null)
/**
 * Item cost
 */
cost?: (number | string | null)
/**
 * Item total cost
 */
total?: (number | string | null)
/**
 * List of serial numbers
 */
serialNumbers?: (({
/**
 * Id of this serial number
 */
id?: (number | null)
/**
 * Serial number value
 */
number?: (string | null)
} | null)[] | null)
/**
 * Item status
 */
status?: (string | null)
/**
 * Indicates whether item price is charged to customer
 */
chargeable?: (boolean | null)
/**
 * Id of the budget code for this PO item
 */
budgetCodeId?: (number | null)
} | null)[] | null)
/**
 * List of custom fields for this PO
 */
customFields?: (({
/**
 * Id of custom field type
 */
typeId?: (number | null)
/**
 * Custom field name
 */
name?: (string | null)
/**
 * Custom field value
 */
value?: (string | null)
} | null)[] | null)
}

/**
 * One row per version of a record of /inventory/v2/tenant/{tenant}/receipts.
 */
export interface Receipts {
/**
 * Receipt Id
 */
id: number
/**
 * Is active
 */
active?: (boolean | null)
/**
 * Number
 */
number?: (string | null)
/**
 * Vendor invoice number
 */
vendorInvoiceNumber?: (string | null)
/**
 * User who created this receipt
 */
createdById?: (number | null)
/**
 * Memo/summary field
 */
memo?: (string | null)
/**
 * Id of purchase order
 */
purchaseOrderId?: (number | null)
/**
 * Id of bill
 */
billId?: (number | null)
/**
 * Id of job
 */
jobId?: (number | null)
/**
 * Id of business unit
 */
businessUnitId?: (number | null)
/**
 * Id of vendor
 */
vendorId?: (number | null)
/**
 * Id of technician
 */
technicianId?: (number | null)
/**
 * Id of inventory location
 */
inventoryLocationId?: (number | null)
/**
 * Ship to address
 */
shipTo?: ({
/**
 * Street
 */
street?: (string | null)
/**
 * Unit
 */
unit?: (string | null)
/**
 * City
 */
city?: (string | null)
/**
 * State
 */
state?: (string | null)
/**
 * Zip code
 */
zip?: (string | null)
/**
 * Country code
 */
country?: (string | null)
} | null)
/**
 * Ship to description
 */
shipToDescription?: (string | null)
/**
 * Receipt total, including tax and shipping
 */
receiptAmount?: (number | string | null)
/**
 * Receipt tax
 */
taxAmount?: (number | string | null)
/**
 * Receipt shipping cost
 */
shippingAmount?: (number | string | null)
/**
 * Date received
 */
receivedOn?: (string | null)
/**
 * System created date
 */
createdOn?: (string | null)
/**
 * last time receipt was modified
 */
modifiedOn?: (string | null)
/**
 * Id of batch
 */
batchId?: (number | null)
/**
 * Sync status
 */
syncStatus?: (string | number | null)
/**
 * Id of the budget code
 */
budgetCodeId?: (number | null)
/**
 * Landed cost method for this receipt (from purchase order type).
 */
landedCostMethod?: (string | number | null)
/**
 * Other costs on the receipt. Null for non-FLC receipts.
 */
otherAmount?: (number | string | null)
/**
 * Collection of receipt items
 */
items?: (({
/**
 * Item Id
 */
id?: (number | null)
/**
 * Sku Id
 */
skuId?: (number | null)
/**
 * Item Name
 */
name?: (string | null)
/**
 * Item Code
 */
code?: (string | null)
/**
 * Item Description
 */
description?: (string | null)
/**
 * Receipt quantity
 */
quantity?: (number | string | null)
/**
 * Item cost
 */
cost?: (number | string | null)
/**
 * General ledge account information
 */
generalLedgerAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * Cost of sale account information
 */
costOfSaleAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * Asset account information
 */
assetAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * `purchaseOrderItemId` as the API sends it.
 */
purchaseOrderItemId?: (number | null)
/**
 * Id of the budget code
 */
budgetCodeId?: (number | null)
/**
 * Allocated shipping cost for this item (fully landed cost). Null when LandedCostMethod is None.
 */
allocatedShipping?: (number | string | null)
/**
 * Allocated tax for this item (fully landed cost). Null when LandedCostMethod is None.
 */
allocatedTax?: (number | string | null)
/**
 * Allocated other costs for this item (fully landed cost). Null when LandedCostMethod is None.
 */
allocatedOtherCosts?: (number | string | null)
/**
 * Fully landed unit cost for this item. Null when LandedCostMethod is None.
 */
fullyLandedUnitCost?: (number | string | null)
} | null)[] | null)
/**
 * Collection of custom fields
 */
customFields?: (({
/**
 * Id of custom field type
 */
typeId?: (number | null)
/**
 * Custom field name
 */
name?: (string | null)
/**
 * Custom field value
 */
value?: (string | null)
} | null)[] | null)
}

/**
 * One row per version of a record of /inventory/v2/tenant/{tenant}/export/returns.
 */
export interface Returns {
/**
 * Return Id
 */
id: number
/**
 * Is active
 */
active?: (boolean | null)
/**
 * Number
 */
number?: (string | null)
/**
 * Reference number
 */
referenceNumber?: (string | null)
/**
 * Status
 */
status?: (string | number | null)
/**
 * Return type Id
 */
returnTypeId?: (number | null)
/**
 * Vendor
 */
vendorId?: (number | null)
/**
 * Purchase order
 */
purchaseOrderId?: (number | null)
/**
 * Job
 */
jobId?: (number | null)
/**
 * Project
 */
projectId?: (number | null)
/**
 * Budget code Id for the return
 */
budgetCodeId?: (number | null)
/**
 * Business unit
 */
businessUnitId?: (number | null)
/**
 * Inventory location
 */
inventoryLocationId?: (number | null)
/**
 * Employee who created this return
 */
createdById?: (number | null)
/**
 * Memo/summary field
 */
memo?: (string | null)
/**
 * Return total, including tax and shipping
 */
returnAmount?: (number | string | null)
/**
 * Return tax
 */
taxAmount?: (number | string | null)
/**
 * Return shipping cost
 */
shippingAmount?: (number | string | null)
/**
 * Return creation date
 */
returnDate?: (string | null)
/**
 * Date when return was actually processed
 */
returnedOn?: (string | null)
/**
 * Date when credit was received
 */
creditReceivedOn?: (string | null)
/**
 * System created date
 */
createdOn?: (string | null)
/**
 * Last time return was modified
 */
modifiedOn?: (string | null)
/**
 * Batch Id (Deprecated - Use Batch instead)
 */
batchId?: (number | null)
/**
 * Batch
 */
batch?: ({
/**
 * Batch Id
 */
id?: (number | null)
/**
 * Batch number
 */
number?: (string | null)
/**
 * Batch name
 */
name?: (string | null)
} | null)
/**
 * Sync status
 */
syncStatus?: (string | number | null)
/**
 * Employee who canceled this transfer
 */
canceledById?: (number | null)
/**
 * Reason the transfer was canceled
 */
canceledReason?: (string | number | null)
/**
 * Transfer canceled date
 */
dateCanceled?: (string | null)
/**
 * Collection of return items
 */
items?: (({
/**
 * Item Id
 */
id?: (number | null)
/**
 * Sku Id
 */
skuId?: (number | null)
/**
 * Item description
 */
description?: (string | null)
/**
 * system created date
 */
createdOn?: (string | null)
/**
 * last time transfer item was modified date
 */
modifiedOn?: (string | null)
/**
 * Item name
 */
name?: (string | null)
/**
 * Item code
 */
code?: (string | null)
/**
 * Return quantity
 */
quantity?: (number | string | null)
/**
 * Item cost
 */
cost?: (number | string | null)
/**
 * General ledge account information
 */
generalLedgerAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * Cost of sale account information
 */
costOfSaleAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * Asset account information
 */
assetAccount?: ({
/**
 * GL Account name
 */
name?: (string | null)
/**
 * GL Account number
 */
number?: (string | null)
/**
 * GL Account type
 */
type?: (string | null)
/**
 * GL Account detail type
 */
detailType?: (string | null)
} | null)
/**
 * List of serial numbers
 */
serialNumbers?: (({
/**
 * Id of this serial number
 */
id?: (number | null)
/**
 * Serial number value
 */
number?: (string | null)
} | null)[] | null)
/**
 * Employee who canceled this transfer
 */
createdById?: (number | null)
/**
 * Is active
 */
active?: (boolean | null)
/**
 * Receipt item Id
 */
receiptItemId?: (number | null)
/**
 * Budget code Id for the item
 */
budgetCodeId?: (number | null)
} | null)[] | null)
/**
 * Collection of custom fields
 */
customFields?: (({
/**
 * Id of custom field type
 */
typeId?: (number | null)
/**
 * Custom field name
 */
name?: (string | null)
/**
 * Custom field value
 */
value?: (string | null)
} | null)[] | null)
/**
 * List of external data attached to this return, that corresponds to the application guid provided in the request.
 */
externalData?: (({
/**
 * External data key.
 */
key?: (string | null)
/**
 * External data value.
 */
value?: (string | null)
} | null)[] | null)
}

/**
 * One row per version of a record of /accounting/v2/tenant/{tenant}/export/inventory-bills.
 */
export interface InventoryBills {
/**
 * `id` as the API sends it.
 */
id: number
/**
 * `purchaseOrderId` as the API sends it.
 */
purchaseOrderId?: (number | null)
/**
 * `syncStatus` as the API sends it.
 */
syncStatus?: (string | null)
/**
 * `referenceNumber` as the API sends it.
 */
referenceNumber?: (string | null)
/**
 * `vendorNumber` as the API sends it.
 */
vendorNumber?: (string | null)
/**
 * `summary` as the API sends it.
 */
summary?: (string | null)
/**
 * `billDate` as the API sends it.
 */
billDate?: (string | null)
/**
 * `billAmount` as the API sends it.
 */
billAmount?: (number | string | null)
/**
 * `taxAmount` as the API sends it.
 */
taxAmount?: (number | string | null)
/**
 * `shippingAmount` as the API sends it.
 */
shippingAmount?: (number | string | null)
/**
 * `landedCostMethod` as the API sends it.
 */
landedCostMethod?: (string | number | null)
/**
 * `otherAmount` as the API sends it.
 */
otherAmount?: (number | string | null)
/**
 * `createdBy` as the API sends it.
 */
createdBy?: (string | null)
/**
 * `createdOn` as the API sends it.
 */
createdOn?: (string | null)
/**
 * `modifiedOn` as the API sends it.
 */
modifiedOn?: (string | null)
/**
 * `termName` as the API sends it.
 */
termName?: (string | null)
/**
 * `dueDate` as the API sends it.
 */
dueDate?: (string | null)
/**
 * `shipToDescription` as the API sends it.
 */
shipToDescription?: (string | null)
/**
 * `postDate` as the API sends it.
 */
postDate?: (string | null)
/**
 * `batch` as the API sends it.
 */
batch?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `businessUnit` as the API sends it.
 */
businessUnit?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `taxZone` as the API sends it.
 */
taxZone?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `vendor` as the API sends it.
 */
vendor?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
} | null)
/**
 * `shipTo` as the API sends it.
 */
shipTo?: ({
/**
 * `street` as the API sends it.
 */
street?: (string | null)
/**
 * `unit` as the API sends it.
 */
unit?: (string | null)
/**
 * `city` as the API sends it.
 */
city?: (string | null)
/**
 * `state` as the API sends it.
 */
state?: (string | null)
/**
 * `zip` as the API sends it.
 */
zip?: (string | null)
/**
 * `country` as the API sends it.
 */
country?: (string | null)
} | null)
/**
 * Budget code ID associated with the bill
 */
budgetCodeId?: (number | null)
/**
 * `items` as the API sends it.
 */
items?: (({
/**
 * `order` as the API sends it.
 */
order?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `description` as the API sends it.
 */
description?: (string | null)
/**
 * `quantity` as the API sends it.
 */
quantity?: (number | string | null)
/**
 * `cost` as the API sends it.
 */
cost?: (number | string | null)
/**
 * `allocatedTax` as the API sends it.
 */
allocatedTax?: (number | string | null)
/**
 * `allocatedShipping` as the API sends it.
 */
allocatedShipping?: (number | string | null)
/**
 * `allocatedOtherCosts` as the API sends it.
 */
allocatedOtherCosts?: (number | string | null)
/**
 * `fullyLandedUnitCost` as the API sends it.
 */
fullyLandedUnitCost?: (number | string | null)
/**
 * `inventoryLocation` as the API sends it.
 */
inventoryLocation?: (string | null)
/**
 * `serialNumber` as the API sends it.
 */
serialNumber?: (string | null)
/**
 * `generalLedgerAccount` as the API sends it.
 */
generalLedgerAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `costOfSaleAccount` as the API sends it.
 */
costOfSaleAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `assetAccount` as the API sends it.
 */
assetAccount?: ({
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `number` as the API sends it.
 */
number?: (string | null)
/**
 * `type` as the API sends it.
 */
type?: (string | null)
/**
 * `detailType` as the API sends it.
 */
detailType?: (string | null)
} | null)
/**
 * `id` as the API sends it.
 */
id?: (number | null)
/**
 * `skuId` as the API sends it.
 */
skuId?: (number | null)
/**
 * `receiptItemId` as the API sends it.
 */
receiptItemId?: (number | null)
/**
 * `skuType` as the API sends it.
 */
skuType?: (string | null)
/**
 * `skuCode` as the API sends it.
 */
skuCode?: (string | null)
/**
 * Budget code ID associated with the item
 */
budgetCodeId?: (number | null)
} | null)[] | null)
/**
 * `customFields` as the API sends it.
 */
customFields?: (({
/**
 * `name` as the API sends it.
 */
name?: (string | null)
/**
 * `value` as the API sends it.
 */
value?: (string | null)
} | null)[] | null)
/**
 * `jobId` as the API sends it.
 */
jobId?: (number | null)
/**
 * `jobNumber` as the API sends it.
 */
jobNumber?: (string | null)
/**
 * `dateReconciled` as the API sends it.
 */
dateReconciled?: (string | null)
/**
 * `active` as the API sends it.
 */
active?: (boolean | null)
}
