import type { ImportRecord } from '../import/import-record';
import { toImportView } from './import.view';

const NOW = Date.parse('2026-01-01T00:01:00Z');

const record = (overrides: Partial<ImportRecord>): ImportRecord =>
  ({
    importId: 'i',
    acceptedAt: NOW - 60_000,
    status: 'processing',
    counts: { rows: 4_000, processed: 1_000 },
    ...overrides,
  }) as ImportRecord;

describe('how far an import is', () => {
  it('is not told of one that waits', () => {
    const view = toImportView(record({ status: 'queued' }), NOW);

    expect(view).toMatchObject({ startedAt: null, finishedAt: null, rate: null, estimatedEndAt: null });
  });

  it('is told by its rate so far', () => {
    const view = toImportView(record({ startedAt: NOW - 10_000 }), NOW);

    expect(view).toMatchObject({ rate: 100, estimatedEndAt: '2026-01-01T00:01:30.000Z', finishedAt: null });
  });

  it('is not guessed before the first rows are done', () => {
    const counts = { ...record({}).counts, processed: 0 };

    const view = toImportView(record({ startedAt: NOW - 10_000, counts }), NOW);

    expect(view).toMatchObject({ rate: 0, estimatedEndAt: null });
  });

  it('is at its end the rate of its own time, whenever it is asked for', () => {
    const over = { status: 'completed', startedAt: NOW - 10_000, finishedAt: NOW - 5_000 } as const;

    const view = toImportView(record(over), NOW + 3_600_000);

    expect(view).toMatchObject({ rate: 200, estimatedEndAt: null, finishedAt: '2026-01-01T00:00:55.000Z' });
  });
});
