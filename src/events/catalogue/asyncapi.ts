import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PRODUCT_VERSION } from '../../product-version';
import { EVENT_TYPES } from '../customer-events';
import { EVENT_LOG } from '../event-log';
import { EVENTS_CHANNEL } from '../event-publisher';
import { eventMessages } from './event-message';

const DESCRIPTION = `What happens to customers and imports, as [CloudEvents 1.0](https://cloudevents.io) in JSON.

At least once: a repeat has the same \`id\`. Types and fields are added, never renamed or taken away. The same JSON is on
every way: a Redis channel and a Redis stream for services beside this one, with the events of all tenants, and a stream
over HTTP for clients with a token, with those of its tenant. Webhooks send it as their body.`;

const RESET = {
  name: 'reset',
  title: 'reset',
  summary: 'Events after the last one that the client has are not kept any more: read what you need anew.',
  contentType: 'application/json',
  payload: {
    type: 'object',
    properties: { reason: { type: 'string' } },
    required: ['reason'],
    additionalProperties: false,
  },
};

/** Each way on which events leave: its address, and what is on it beside events. */
const CHANNELS = {
  redisChannel: {
    address: EVENTS_CHANNEL,
    title: 'Redis channel',
    description:
      'Publish and subscribe: the message is the JSON. Who is not subscribed misses what is published meanwhile.',
  },
  redisStream: {
    address: EVENT_LOG,
    title: 'Redis stream',
    description:
      'Entries with the JSON in their field `event`, and `tenant` and `type` beside it. The last `EVENTS_KEPT` are there.',
  },
  eventStream: {
    address: '/api/events',
    title: 'Server-sent events',
    description:
      'The JSON is the `data` of an event whose `event` is the type, or `reset`. Its `id` is for `Last-Event-ID`: a ' +
      'client that comes back with it gets what it missed. `types` chooses some, with commas between.',
  },
} as const;

const OPERATIONS = {
  publish: { channel: 'redisChannel', summary: 'Tells services that are subscribed.' },
  keep: { channel: 'redisStream', summary: 'Keeps the last events for services that were away.' },
  stream: { channel: 'eventStream', summary: 'Tells clients with a token, as it happens.' },
} as const satisfies Record<string, { channel: keyof typeof CHANNELS; summary: string }>;

/** The events of the service as AsyncAPI 3.0. */
export function eventDocument(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'InsightCRM customer service: events',
      version: PRODUCT_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(
      Object.entries(CHANNELS).map(([name, channel]) => [name, { ...channel, messages: messagesOn(name) }]),
    ),
    operations: Object.fromEntries(
      Object.entries(OPERATIONS).map(([name, { channel, summary }]) => [
        name,
        { action: 'send', channel: { $ref: `#/channels/${channel}` }, summary, ...security(channel) },
      ]),
    ),
    components: {
      messages: { ...eventMessages(), reset: RESET },
      correlationIds: {
        request: {
          description: 'Id of the request, also in its answer and in logs.',
          location: '$message.payload#/requestid',
        },
      },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function messagesOn(channel: string): Record<string, { $ref: string }> {
  const names = [...EVENT_TYPES, ...(channel === 'eventStream' ? ['reset'] : [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

const security = (channel: string) =>
  channel === 'eventStream' && { security: [{ $ref: '#/components/securitySchemes/bearer' }] };

/** Serves the document at `/asyncapi.json`. Public, as `/openapi.json` is. */
export function serveEventDocument(app: NestFastifyApplication): void {
  const document = JSON.stringify(eventDocument());
  app
    .getHttpAdapter()
    .getInstance()
    .get('/asyncapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
}
