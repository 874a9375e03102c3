import { decodeChunk, encodeChunk } from './chunk-codec';

describe('the chunk codec', () => {
  const bytes = Buffer.from('Ana,ana@example.com,"1 St\r\nTown"\n'.repeat(1000));

  it('gives back the same bytes from fewer', () => {
    const encoded = encodeChunk(bytes);

    expect(encoded.length).toBeLessThan(bytes.length / 3);
    expect(decodeChunk(encoded, { maxBytes: bytes.length }).equals(bytes)).toBe(true);
  });

  it('does not unpack more than it was told to expect', () => {
    const bomb = encodeChunk(Buffer.alloc(10_000_000));

    expect(() => decodeChunk(bomb, { maxBytes: 1_000_000 })).toThrow('larger than 1000000 bytes');
  });

  it('does not take other data for a chunk', () => {
    expect(() => decodeChunk(Buffer.from('not zstd'), { maxBytes: 1000 })).toThrow();
  });
});
