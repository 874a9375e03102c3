const MASK = '•••';

/** What says nothing of a person: ids, places and numbers. All else is masked, so that a new field is until it is listed. */
const SAFE = new Set([
  ...[
    'tenantId',
    'userId',
    'requestId',
    'acceptedAt',
    'customerId',
    'importId',
    'chunk',
    'firstLine',
    'firstRow',
  ],
  ...[
    'rows',
    'spentCents',
    'visits',
    'at',
    'eventId',
    'erase',
    'erased',
    'onDuplicate',
    'dryRun',
    'order',
    'jobId',
    'jobVersion',
    'webhookId',
  ],
  ...['deliveryId', 'type', 'types', 'time', 'subject', 'specversion', 'source', 'id', 'operation', 'counts'],
  ...[
    'host',
    'pid',
    'created',
    'updated',
    'unchanged',
    'skipped',
    'rejected',
    'reason',
    'tenantid',
    'requestid',
    'messageId',
    'recipients',
  ],
  ...['purged', 'complete', 'lists', 'listed', 'removed'],
]);

/** What callers name as they like: none of it is known to be safe. */
const FREE = 'attributes';

/** A job's payload or result as it may be shown to who must not know whom it is about: what could say it is masked. */
export function maskedPayload(data: unknown, key?: string): unknown {
  if (data === null || key === FREE) return data === null ? null : MASK;
  if (Array.isArray(data)) return data.map((item) => maskedPayload(item, key));
  if (typeof data === 'object') {
    return Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, maskedPayload(value, name)]),
    );
  }
  return key !== undefined && SAFE.has(key) ? data : MASK;
}
