/** Types are part of the contract with subscribers: add, never rename. */
export interface CustomerEvents {
  'customer.validation.success': CustomerDeletedData;
  'customer.validation.failed': CustomerFailureData;
  'customer.created': CustomerEventData;
  'customer.updated': CustomerEventData;
  'customer.deleted': CustomerDeletedData;
  'customer.stats.updated': CustomerEventData;
  'customer.failed': CustomerFailureData;
  'customer.import.queued': ImportEventData;
  'customer.import.progress': ImportEventData;
  'customer.import.completed': ImportEventData;
  'customer.import.failed': ImportEventData & Failure;
  'customer.import.cancelled': ImportEventData;
  'customer.queue.test': { jobId: string; userId: string; message: string };
}

export type CustomerEventType = keyof CustomerEvents;

/** Each of them once, and the compiler sees that none is missing. */
const TYPES: Record<CustomerEventType, true> = {
  'customer.validation.success': true,
  'customer.validation.failed': true,
  'customer.created': true,
  'customer.updated': true,
  'customer.deleted': true,
  'customer.stats.updated': true,
  'customer.failed': true,
  'customer.import.queued': true,
  'customer.import.progress': true,
  'customer.import.completed': true,
  'customer.import.failed': true,
  'customer.import.cancelled': true,
  'customer.queue.test': true,
};
export const EVENT_TYPES = Object.keys(TYPES) as CustomerEventType[];

interface Actor {
  jobId: string;
  userId: string;
}
interface Failure {
  /** The job's name, such as `CREATE_CUSTOMER`. */
  operation: string;
  reason: string;
}
export interface CustomerEventData extends Actor {
  customerId: string;
  email: string;
}
/** One that is erased is told of without its email. */
export type CustomerDeletedData = Actor & { customerId: string; email?: string };
/** An email is known only where the request carried one. */
export type CustomerFailureData = Actor & Failure & { customerId: string; email?: string };
export interface ImportEventData extends Actor {
  importId: string;
  counts: Record<string, number>;
  /** Nothing is written. */
  dryRun?: true;
}

/** CloudEvents 1.0 in JSON, with the extension attributes `tenantid` and `requestid`. */
export interface CloudEvent<T extends CustomerEventType = CustomerEventType> {
  specversion: '1.0';
  id: string;
  source: '/insightcrm/customer-service';
  type: T;
  /** RFC 3339 */
  time: string;
  subject: string;
  datacontenttype: 'application/json';
  tenantid: string;
  requestid: string;
  data: CustomerEvents[T];
}

/** What an event is about, and who asked. */
export interface EventContext {
  /** Makes the id of the event: a repeat of the same step gets the same one. */
  step: string;
  subject: string;
  tenantId: string;
  requestId: string;
}

export function cloudEvent<T extends CustomerEventType>(
  type: T,
  context: EventContext,
  data: CustomerEvents[T],
): CloudEvent<T> {
  return {
    specversion: '1.0',
    id: `${context.step}:${type}`,
    source: '/insightcrm/customer-service',
    type,
    time: new Date().toISOString(),
    subject: context.subject,
    datacontenttype: 'application/json',
    tenantid: context.tenantId,
    requestid: context.requestId,
    data,
  };
}
