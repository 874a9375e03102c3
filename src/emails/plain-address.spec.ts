import { isPlainAddress } from './plain-address';

describe('a plain address', () => {
  it.each(['ana@example.com', 'a.b+c@mail.example.co.uk', "o'neil@example.com"])('is %s', (address) => {
    expect(isPlainAddress(address)).toBe(true);
  });

  it.each([
    'ana',
    'ana@',
    'ana@example',
    'ana@example.com\r\nBcc: eve@example.com',
    '"ana\r\nBcc: eve@example.com"@example.com',
    '"a b"@example.com',
    'ana@example.com, eve@example.com',
    'Ana <ana@example.com>',
    'ana@example.com ',
    'añа@example.com',
    `${'a'.repeat(250)}@example.com`,
    7,
  ])('is not %j', (address) => {
    expect(isPlainAddress(address)).toBe(false);
  });

  it('is one at a host alone where that is said to be enough', () => {
    expect(isPlainAddress('no-reply@localhost', { isHostEnough: true })).toBe(true);
  });
});
