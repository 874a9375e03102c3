import type { CloudEvent } from './customer-events';

/** Redis stream of the last events, in the order in which they were published. */
export const EVENT_LOG = 'customer.events';

/** The place of an event in the log: ms since 1970 and a number, as Redis has it. */
export type EventPlace = `${number}-${number}`;

/** Before the first event of all. */
export const BEGINNING: EventPlace = '0-0';

/** An event as it is in the log; the JSON is not read again on its way to a client. */
export interface LoggedEvent {
  place: EventPlace;
  tenantId: string;
  type: string;
  json: string;
}

/** Fields of an entry: the CloudEvent, and what tells for whom it is. */
export const toEntry = (event: CloudEvent, json: string): string[] => [
  ...['event', json],
  ...['tenant', event.tenantid],
  ...['type', event.type],
];

/** @returns undefined for an entry that is none of ours */
export function fromEntry([place, fields]: [string, string[]]): LoggedEvent | undefined {
  const field = (name: string): string | undefined => {
    const at = fields.indexOf(name);
    return at % 2 === 0 ? fields[at + 1] : undefined;
  };
  const [json, tenantId, type] = [field('event'), field('tenant'), field('type')];
  if (!isPlace(place) || json === undefined || tenantId === undefined || type === undefined) return undefined;
  return { place, tenantId, type, json };
}

export const isPlace = (text: string): text is EventPlace => /^\d{1,16}-\d{1,16}$/.test(text);

/** @returns less than 0 when `a` is before `b` */
export function comparePlaces(a: EventPlace, b: EventPlace): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs - bMs || aNumber - bNumber;
}
