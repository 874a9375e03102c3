import { PendingBytes } from './pending-bytes';

const SIZES = [1, 5000, 3, 4095, 4096, 10, 0, 4000, 4000, 4000, 4000, 20_000, 1];
const whole = Buffer.from(Array.from({ length: SIZES.reduce((a, b) => a + b) }, (_, i) => i % 251));

describe('PendingBytes', () => {
  it('gives back any part of what was appended, in whatever sizes it came', () => {
    const pending = new PendingBytes();
    let length = 0;
    for (const size of SIZES) {
      pending.append(whole.subarray(length, length + size));
      length += size;

      for (const start of [0, 1, 5001, length - 1].filter((offset) => offset >= 0 && offset < length)) {
        for (const end of [start, start + 1, Math.min(start + 9000, length), length]) {
          expect(pending.slice(start, end).equals(whole.subarray(start, end))).toBe(true);
        }
      }
    }
  });

  it('keeps offsets when it lets go of bytes, and never changes a part it gave out', () => {
    const pending = new PendingBytes();
    const given: { part: Buffer; start: number }[] = [];
    let length = 0;
    for (const size of [...SIZES, ...SIZES].slice(0, SIZES.length + 4)) {
      const start = length;
      length += size;
      pending.append(whole.subarray(start % whole.length, (start % whole.length) + size));
      given.push({ part: pending.slice(start, length), start: start % whole.length });
      pending.dropBefore(length);
    }

    for (const { part, start } of given) {
      expect(part.equals(whole.subarray(start, start + part.length))).toBe(true);
    }
  });

  it('holds many tiny buffers in few', () => {
    const pending = new PendingBytes();
    const held = pending as unknown as { buffers: Buffer[] };

    for (let i = 0; i < 100_000; i++) pending.append(whole.subarray(i % 100, (i % 100) + 1));

    expect(held.buffers.length).toBeLessThan(10);
    pending.dropBefore(100_000);
    expect(held.buffers).toEqual([]);
  });
});
