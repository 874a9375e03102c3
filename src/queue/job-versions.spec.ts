import { newestOf, versioned, versionOf } from './job-versions';

describe('the version of a job', () => {
  it('is not in the payload of a job of the first step, so that older builds store and read the same', () => {
    expect(versioned({ rows: 1 }, 1)).toEqual({ rows: 1 });
  });

  it('is read from the payload that it was written into', () => {
    expect(versionOf(JSON.parse(JSON.stringify(versioned({ rows: 1 }, 7))))).toBe(7);
  });

  it.each([[undefined], [null], ['text'], [{}], [{ jobVersion: '9' }], [{ jobVersion: null }]])(
    'is the first one for what was stored as %j',
    (data) => {
      expect(versionOf(data)).toBe(1);
    },
  );

  it('is known up to the highest one of any name of the queue', () => {
    expect(newestOf({ CREATE: 1, UPDATE: 3, DELETE: 2 })).toBe(3);
  });
});
