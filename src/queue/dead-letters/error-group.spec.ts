import { errorGroup } from './error-group';

describe('error group', () => {
  it.each([
    ['E11000 dup key: { email: "ana@example.com" }', 'E11000 dup key: { email: "bob@example.com" }'],
    ['connect ECONNREFUSED 10.0.0.1:27017', 'connect ECONNREFUSED 10.0.0.23:27018'],
    [
      'Chunk 3 of 0199c2d5-8c11-7b3f-a4b5-02b1c2d3e4f5 is gone',
      'Chunk 12 of 0199c2d5-8c11-7b3f-a4b5-02b1c2d3e4aa is gone',
    ],
    ['no such object 65f0c0ffee65f0c0ffee65f0', 'no such object 75f0c0ffee65f0c0ffee65f1'],
    ['failed\n    at a.js:1', 'failed\n    at b.js:2'],
  ])('is one for %j and %j', (one, other) => {
    expect(errorGroup(one)).toBe(errorGroup(other));
  });

  it('tells causes apart, and nobody’s data', () => {
    expect(errorGroup('No handler for job X')).not.toBe(errorGroup('No handler for job Y'));
    expect(errorGroup('bad row of ana@example.com: "Ana"')).toBe('bad row of # #');
  });

  it('is short', () => {
    expect(errorGroup('x'.repeat(10_000))).toHaveLength(200);
  });
});
