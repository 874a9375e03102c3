import { cloudEvent, EVENT_TYPES, type CloudEvent, type CustomerEventType } from '../customer-events';
import { objectSchema, type Fields, type ObjectSchema } from './data-schema';
import { EVENT_CATALOGUE } from './event-catalogue';

/** The JSON that is sent, of one type of event. */
export function eventSchema(type: CustomerEventType): ObjectSchema {
  const fields: Fields<CloudEvent> = {
    specversion: { schema: { type: 'string', const: '1.0' } },
    id: {
      schema: {
        type: 'string',
        description: 'A repeat of the same step, such as a job that ran twice, has the same one.',
      },
    },
    source: { schema: { type: 'string', const: '/insightcrm/customer-service' } },
    type: { schema: { type: 'string', const: type } },
    time: { schema: { type: 'string', format: 'date-time' } },
    subject: { schema: { type: 'string', description: 'Id of the customer or the import.' } },
    datacontenttype: { schema: { type: 'string', const: 'application/json' } },
    tenantid: { schema: { type: 'string', description: 'Whose it is.' } },
    requestid: { schema: { type: 'string', description: '`x-request-id` of the request that caused it.' } },
    data: { schema: objectSchema(EVENT_CATALOGUE[type].data) },
  };
  return objectSchema(fields);
}

/** An event of this type as it may be sent. */
export function exampleOf<T extends CustomerEventType>(type: T): CloudEvent<T> {
  const { example } = EVENT_CATALOGUE[type];
  const { jobId } = example;
  const subject =
    'importId' in example ? example.importId : 'customerId' in example ? example.customerId : jobId;
  const context = { step: jobId, subject, tenantId: 'acme', requestId: '7f0c2d9e' };
  return { ...cloudEvent(type, context, example), time: '2026-01-31T12:00:00.000Z' };
}

/** Of AsyncAPI 3.0, by type. */
export const eventMessages = (): Record<CustomerEventType, object> =>
  Object.fromEntries(EVENT_TYPES.map((type) => [type, messageOf(type)])) as Record<CustomerEventType, object>;

const messageOf = (type: CustomerEventType) => ({
  name: type,
  title: type,
  summary: EVENT_CATALOGUE[type].summary,
  contentType: 'application/cloudevents+json',
  correlationId: { $ref: '#/components/correlationIds/request' },
  payload: eventSchema(type),
  examples: [{ name: type, payload: exampleOf(type) }],
});
