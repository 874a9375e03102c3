import type {
  CustomerDeletedData,
  CustomerEventData,
  CustomerEvents,
  CustomerEventType,
  CustomerFailureData,
  ImportEventData,
} from '../customer-events';
import { objectSchema, type Fields, type ObjectSchema } from './data-schema';

/** What is told of one type of event beside its name. */
interface EventEntry<D> {
  summary: string;
  data: Fields<D>;
  example: D;
}

const EXAMPLE = {
  jobId: '0198c1a0-7b1e-7cc1-9d3a-5f0a3c1b2d4e',
  userId: 'alice',
  customerId: '0198c1a0-7b1e-7cc1-9d3a-5f0a3c1b2d4e',
  importId: '0198c1a0-9f00-7d52-8b1c-2a4e6c8f0b12',
  email: 'ana@example.com',
};
const { jobId, userId, customerId, importId, email } = EXAMPLE;

const ID = { type: 'string', format: 'uuid' } as const;
const ACTOR = {
  jobId: { schema: { ...ID, description: 'The job, for `GET /api/jobs/{jobId}`; of an import, its id.' } },
  userId: { schema: { type: 'string', description: '`sub` of the token of who asked.' } },
} as const;
const FAILURE = {
  operation: {
    schema: { type: 'string', description: "The job's name.", examples: ['CREATE_CUSTOMER'] },
  },
  reason: {
    schema: { type: 'string', description: 'A refusal begins with its code, such as `EMAIL_TAKEN`.' },
  },
} as const;
const CUSTOMER = { schema: { ...ID, description: 'The customer.' } } as const;
const EMAIL = { type: 'string', description: 'Of the customer.' } as const;

const DONE: Fields<CustomerEventData> = { ...ACTOR, customerId: CUSTOMER, email: { schema: EMAIL } };
const DELETED: Fields<CustomerDeletedData> = {
  ...DONE,
  email: { schema: { ...EMAIL, description: 'Absent where the customer was erased.' }, optional: true },
};
const FAILED: Fields<CustomerFailureData> = {
  ...ACTOR,
  customerId: CUSTOMER,
  email: { schema: { ...EMAIL, description: 'Where the request carried one.' }, optional: true },
  ...FAILURE,
};

const countsOf = (...names: string[]): ObjectSchema => ({
  ...objectSchema(
    Object.fromEntries(names.map((name) => [name, { schema: { type: 'integer', minimum: 0 } }])),
  ),
  description: 'Rows. `processed` is the sum of those after it.',
});
const importWith = (counts: ObjectSchema): Fields<ImportEventData> => ({
  ...ACTOR,
  importId: { schema: { ...ID, description: 'The import, for `GET /api/customer/imports/{id}`.' } },
  counts: { schema: counts },
  dryRun: {
    schema: { type: 'boolean', const: true, description: 'Nothing is written to customers.' },
    optional: true,
  },
});
const QUEUED = importWith(countsOf('rows', 'processed'));
const COUNTED = importWith(
  countsOf('rows', 'processed', 'created', 'updated', 'unchanged', 'skipped', 'rejected'),
);

const done: CustomerEventData = { jobId, userId, customerId, email };
const failed: CustomerFailureData = {
  ...done,
  operation: 'CREATE_CUSTOMER',
  reason: 'EMAIL_TAKEN: Another customer has this email.',
};
const counted = (processed: number): ImportEventData => ({
  jobId: importId,
  userId,
  importId,
  counts: { rows: 2500, processed, created: processed, updated: 0, unchanged: 0, skipped: 0, rejected: 0 },
});

/**
 * What each event says, for who subscribes: one source of its schema, its example and its words. A type without an entry,
 * or a field without a schema, does not compile; what is sent is checked against it in the tests. Webhooks send the same
 * body.
 */
export const EVENT_CATALOGUE: { [T in CustomerEventType]: EventEntry<CustomerEvents[T]> } = {
  'customer.validation.success': {
    summary: 'A write was possible with what is stored.',
    data: DELETED,
    example: done,
  },
  'customer.validation.failed': {
    summary: 'A write was not possible with what is stored, and changed nothing.',
    data: FAILED,
    example: failed,
  },
  'customer.created': { summary: 'A customer was created.', data: DONE, example: done },
  'customer.updated': { summary: 'A customer was changed.', data: DONE, example: done },
  'customer.deleted': {
    summary: 'A customer was deleted, or erased: then there is no email, and no older event of it is kept.',
    data: DELETED,
    example: done,
  },
  'customer.stats.updated': {
    summary: 'A visit is in the totals of a customer.',
    data: DONE,
    example: done,
  },
  'customer.failed': {
    summary: 'A write was refused, or failed in all its attempts and waits for an operator.',
    data: FAILED,
    example: failed,
  },
  'customer.import.queued': {
    summary: 'A file was accepted.',
    data: QUEUED,
    example: { jobId: importId, userId, importId, counts: { rows: 2500, processed: 0 } },
  },
  'customer.import.progress': {
    summary: 'A chunk of an import is done.',
    data: COUNTED,
    example: counted(1000),
  },
  'customer.import.completed': {
    summary: 'An import is done; some of its rows may be rejected.',
    data: COUNTED,
    example: counted(2500),
  },
  'customer.import.failed': {
    summary: 'Some chunks of an import could not be written; the others are.',
    data: { ...COUNTED, ...FAILURE },
    example: {
      ...counted(1500),
      operation: 'BULK_IMPORT_CUSTOMERS',
      reason:
        'Rows from line 1002 on (1000) were not imported. The service failed; an operator can retry the job.',
    },
  },
  'customer.import.cancelled': {
    summary: 'An import was cancelled: nothing more is written, what was stays.',
    data: COUNTED,
    example: counted(1000),
  },
  'customer.queue.test': {
    summary: 'An operator tries whether events arrive: `POST /api/queue/test/event`.',
    data: { ...ACTOR, message: { schema: { type: 'string' } } },
    example: { jobId, userId, message: 'A test event.' },
  },
};
