const FIRST = [
  'Ana',
  'Bo',
  'Chloe',
  'Dmitri',
  'Elena',
  'Farid',
  'Grace',
  'Hiro',
  'Ines',
  'Jonas',
  'Kira',
  'Liam',
];
const LAST = [
  'Souza',
  'Chen',
  'Dubois',
  'Petrov',
  'Rossi',
  'Haddad',
  'Okafor',
  'Sato',
  'Lopez',
  'Weber',
  'Novak',
];
const STREETS = ['Main Street', 'Rua das Flores', 'Hauptstrasse', 'Baker Street', 'Via Roma', 'High Road'];

/** A generator of numbers below 2^32, the same ones for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export interface BenchRow {
  name: string;
  email: string;
  phone: string;
  address: string;
}

export const HEADER = 'name,email,phone,address\n';

/** Customers `from` to `from + count` of a data set: about 100 bytes a row as CSV. */
export function benchRows(set: string, from: number, count: number, version = 0): BenchRow[] {
  const next = numbers(from * 7919 + version);
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const first = FIRST[next() % FIRST.length] ?? '';
    const last = LAST[next() % LAST.length] ?? '';
    const street = STREETS[next() % STREETS.length] ?? '';
    return {
      name: `${first} ${last}`,
      // The same in every version: it is how a row finds its customer.
      email:
        `${FIRST[number % FIRST.length]}.${LAST[number % LAST.length]}.${set}${number}@example.com`.toLowerCase(),
      phone: `+49 30 ${10_000_000 + (next() % 90_000_000)}`,
      address: `${1 + (next() % 400)} ${street}, ${10_000 + (next() % 80_000)} Berlin, Germany`,
    };
  });
}

const line = ({ name, email, phone, address }: BenchRow): string =>
  `${name},${email},${phone},"${address}"\n`;

/** The same rows as a CSV file. */
export function benchCsv(set: string, from: number, count: number, version = 0): Buffer {
  const parts: string[] = [HEADER];
  for (let at = from; at < from + count; at += 1_000)
    parts.push(
      benchRows(set, at, Math.min(1_000, from + count - at), version)
        .map(line)
        .join(''),
    );
  return Buffer.from(parts.join(''));
}
