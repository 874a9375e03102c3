import type { Job } from 'bullmq';
import { toJobView } from './job.view';

const job = (fields: Partial<Job>): Job =>
  ({
    id: 'j',
    name: 'CREATE_CUSTOMER',
    attemptsMade: 1,
    timestamp: 1_000,
    opts: {},
    processedOn: 2_000,
    finishedOn: 4_000,
    ...fields,
  }) as Job;

describe('the view of a job', () => {
  it('calls a refused job failed, and says why', () => {
    const refused = { reason: 'EMAIL_TAKEN', message: 'Another customer has this email.' };

    const view = toJobView(job({ returnvalue: { refused } }), 'completed');

    expect(view).toMatchObject({ status: 'failed', attempts: 1, result: null, error: refused });
  });

  it("does not tell a fault's own message", () => {
    const view = toJobView(job({ failedReason: 'connect ECONNREFUSED 10.0.0.7:27017' }), 'failed');

    expect(view).toMatchObject({ status: 'failed', result: null, error: { reason: 'SERVICE_FAULT' } });
    expect(JSON.stringify(view)).not.toContain('10.0.0.7');
  });

  it('has no end while a dead letter runs again', () => {
    const view = toJobView(job({ finishedOn: 4_000 }), 'active');

    expect(view).toMatchObject({ status: 'processing', finishedAt: null, error: null, result: null });
  });
});
