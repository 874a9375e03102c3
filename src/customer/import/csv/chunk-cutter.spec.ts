import { ChunkCutter } from './chunk-cutter';
import { CSV_LIMITS } from './csv-limits';

describe('ChunkCutter', () => {
  it('lets go of the bytes that it has cut', () => {
    const cutter = new ChunkCutter({ ...CSV_LIMITS, rowsPerChunk: 100 });
    const { pending } = cutter as unknown as { pending: { buffers: Buffer[] } };
    const rows = { bytes: Buffer.from('a row of some length\n'.repeat(1000)) };
    let mostHeld = 0;

    for (let i = 0; i < 100; i++) {
      for (const part of cutter.feed(rows)) expect(part).toBeDefined();
      mostHeld = Math.max(mostHeld, pending.buffers.length);
    }

    expect(mostHeld).toBeLessThanOrEqual(2);
  });
});
