// Run as a process of its own, so that a download which gets nowhere can be ended:
//   node vendor-mongod-fetch.ts <folder>
// Prints the path of a mongod on its last line.
import { MongoBinary } from 'mongodb-memory-server-core';

const [downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('Usage: vendor-mongod-fetch.ts <folder>');

// Whoever started us holds the other end of stdin; when they are gone, nobody wants the download.
process.stdin.once('end', () => process.exit(1)).resume();

try {
  console.log(await MongoBinary.getPath({ downloadDir }));
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
