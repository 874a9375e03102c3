import { maskedError } from './masked-error';

describe('masked error', () => {
  it.each([
    ['bad row of ana@example.com: x', 'bad row of •••: x'],
    [
      'E11000 duplicate key error index: e dup key: { email: "ana" }',
      'E11000 duplicate key error index: e •••',
    ],
    ['{"email":"ana+shop@example.co.uk"}', '{"email":"•••"}'],
    ['No handler for job X\n    at a (/app/node_modules/@nestjs/core/a.js:1:2)', undefined],
    ['connect ECONNREFUSED 10.0.0.1:27017', undefined],
  ])('says of %j what it is for', (error, masked) => {
    expect(maskedError(error)).toBe(masked ?? error);
  });
});
