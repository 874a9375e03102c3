/** Chunks in a row that have as many rows each: how many, and how many rows. Nearly always one such run and a rest. */
export type ChunkSizes = [chunks: number, rows: number][];

/** Where a chunk is in its file, in rows from 0. */
export interface ChunkPlace {
  chunk: number;
  firstRow: number;
  rows: number;
}

export function sizesOf(chunks: readonly { rows: number }[]): ChunkSizes {
  const sizes: ChunkSizes = [];
  for (const { rows } of chunks) {
    const run = sizes.at(-1);
    if (run?.[1] === rows) run[0]++;
    else sizes.push([1, rows]);
  }
  return sizes;
}

export function placesOf(sizes: ChunkSizes): ChunkPlace[] {
  const places: ChunkPlace[] = [];
  let firstRow = 0;
  for (const [chunks, rows] of sizes)
    for (let one = 0; one < chunks; one++, firstRow += rows)
      places.push({ chunk: places.length, firstRow, rows });
  return places;
}
