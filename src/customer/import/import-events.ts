import {
  cloudEvent,
  type CloudEvent,
  type EventContext,
  type ImportEventData,
} from '../../events/customer-events';
import type { ImportRecord, NewImport } from './import-record';

export const importData = ({ importId, userId, counts, dryRun }: ImportRecord): ImportEventData => ({
  jobId: importId,
  userId,
  importId,
  counts: { ...counts },
  ...(dryRun && { dryRun }),
});

export const importContext = (
  { importId, tenantId, requestId }: NewImport | ImportRecord,
  step: string,
): EventContext => ({
  step,
  subject: importId,
  tenantId,
  requestId,
});

/** What subscribers are told of an import that was accepted. */
export function importQueued(record: NewImport | ImportRecord): CloudEvent {
  const { importId, userId, rows, dryRun } = record;
  return cloudEvent('customer.import.queued', importContext(record, importId), {
    jobId: importId,
    userId,
    importId,
    counts: { rows, processed: 0 },
    ...(dryRun && { dryRun }),
  });
}

/** What subscribers are told of an import that is over. */
export function importEnded(record: ImportRecord): CloudEvent {
  const context = importContext(record, record.importId);
  const data = importData(record);
  if (record.status === 'cancelled') return cloudEvent('customer.import.cancelled', context, data);
  if (record.status !== 'failed') return cloudEvent('customer.import.completed', context, data);
  const reason = record.error ?? 'unknown';
  return cloudEvent('customer.import.failed', context, {
    ...data,
    operation: 'BULK_IMPORT_CUSTOMERS',
    reason,
  });
}
