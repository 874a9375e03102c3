import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Compresses a chunk for its stay in Redis. Synchronous: at level 1 a chunk costs less than a trip to the thread pool. */
export function encodeChunk(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

/**
 * The chunk's bytes again.
 * @throws RangeError (`ERR_BUFFER_TOO_LARGE`) when they are more than `maxBytes`, Error when the data is not zstd.
 */
export function decodeChunk(data: Buffer, { maxBytes }: { maxBytes: number }): Buffer {
  return zstdDecompressSync(data, { maxOutputLength: maxBytes });
}
