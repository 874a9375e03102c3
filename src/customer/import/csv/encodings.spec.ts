import fc from 'fast-check';
import { holdsForAll, PROPERTY_TIMEOUT_MS } from '../../../../test/helpers/property';
import type { Encoding } from './decoded-text';
import { readCsv } from './read-csv';

/** What Windows-1252 has, as Python's codec and the WHATWG's table have it, from 0x80 on. */
const WINDOWS_1252 =
  '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ' +
  Array.from({ length: 96 }, (_, index) => String.fromCharCode(0xa0 + index)).join('');
const UNDEFINED = '\u0081\u008d\u008f\u0090\u009d';
const LETTERS = [...WINDOWS_1252].filter((letter) => !UNDEFINED.includes(letter));

const toWindows1252 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (c) => (c < '\u0080' ? c.charCodeAt(0) : 0x80 + WINDOWS_1252.indexOf(c))));

interface Way {
  encoding: Encoding;
  encode: (text: string) => Buffer;
  letters: string[];
}

const ASCII = ['a', 'b', ' ', '"', ',', '\n', '\r\n', '\r'];
const ALL = [...LETTERS, 'ł', '漢', '\uffff', '😀', '\u{10ffff}', '\ufeff'];
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const WAYS: Way[] = [
  { encoding: 'utf-8', encode: (text) => Buffer.from(text), letters: ALL },
  { encoding: 'utf-8', encode: (text) => Buffer.from(`\ufeff${text}`), letters: ALL },
  { encoding: 'utf-16le', encode: utf16, letters: ALL },
  { encoding: 'utf-16be', encode: (text) => utf16(text).swap16(), letters: ALL },
  { encoding: 'windows-1252', encode: toWindows1252, letters: LETTERS },
];

/* eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous */
async function* inPieces(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** What a file of these bytes comes to: its text as UTF-8 without the header, or why it is refused. */
async function outcomeOf(bytes: Buffer, sizes: number[]) {
  try {
    const file = await readCsv(inPieces(bytes, sizes), { rowsPerChunk: 2 });
    const chunks: Buffer[] = [];
    let rows = 0;
    for await (const chunk of file.chunks) {
      chunks.push(chunk.bytes);
      rows += chunk.rows;
    }
    return { encoding: file.encoding, header: file.header, rows, text: Buffer.concat(chunks).toString() };
  } catch (error) {
    const { reason, line } = error as { reason: string; line: number };
    return { reason, line };
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe('a file in any encoding', () => {
  it(
    'comes to the same rows, however its bytes are cut',
    async () => {
      const files = fc.constantFrom(...WAYS).chain((way) =>
        fc.record({
          way: fc.constant(way),
          // The first letter alone decides between UTF-8 and Windows-1252: it is never the first of such a pair.
          first: fc.constantFrom('é', 'ü', 'ß', '€', '“'),
          body: fc.array(fc.constantFrom(...ASCII, ...way.letters), { maxLength: 40 }),
          sizes,
        }),
      );
      const check = async ({
        way,
        first,
        body,
        sizes,
      }: typeof files extends fc.Arbitrary<infer T> ? T : never) => {
        const text = `name,${first} b\nx,y\n${body.join('')}`;
        const expected = await outcomeOf(Buffer.from(text), [Infinity]);

        const outcome = await outcomeOf(way.encode(text), sizes);

        const { encoding } = way;
        expect(outcome).toEqual('text' in expected ? { ...expected, encoding } : expected);
      };

      await holdsForAll(files, check, { runs: 1500, limitMs: 15_000 });
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'of any bytes is read or refused in the same way, however they are cut',
    async () => {
      const byte = fc.oneof(
        fc.constantFrom(0x0a, 0x0d, 0x2c, 0x22, 0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xd8, 0x81),
        fc.integer({ min: 0, max: 255 }),
      );
      const marks = fc.constantFrom([], [], [0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff]);
      const files = fc.record({ mark: marks, bytes: fc.array(byte, { maxLength: 24 }), sizes });

      await holdsForAll(
        files,
        async ({ mark, bytes, sizes }) => {
          const file = Buffer.from([...mark, ...bytes]);
          const whole = await outcomeOf(file, [Infinity]);

          expect(await outcomeOf(file, sizes)).toEqual(whole);
        },
        { runs: 3000, limitMs: 15_000 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it.each([
    ['ASCII alone', 'utf-8', Buffer.from('a\nb\n')],
    ['a character of two bytes', 'utf-8', Buffer.from('a\né\n')],
    ['one byte that ends the file', 'windows-1252', Buffer.from('a\né', 'latin1')],
    ['a lead byte that ends the file', 'windows-1252', Buffer.from('a\nÃ', 'latin1')],
    ['two of three bytes at the end', 'windows-1252', Buffer.from('a\n€').subarray(0, -1)],
    ['an overlong sequence', 'windows-1252', Buffer.from('a\n\xc0\xaf\n', 'latin1')],
    ['a surrogate in UTF-8', 'windows-1252', Buffer.from('a\n\xed\xa0\x80\n', 'latin1')],
  ])('with %s is %s', async (_, encoding, bytes) => {
    for (const size of [1, 2, 3, Infinity])
      expect(await outcomeOf(bytes, [size])).toMatchObject({ encoding });
  });

  it('is Windows-1252 as Excel writes it', async () => {
    const bytes = Buffer.from('a,b\n\x80,\x9f\x93x\x94\n', 'latin1');

    expect(await outcomeOf(bytes, [1])).toMatchObject({ encoding: 'windows-1252', text: '€,Ÿ“x”\n' });
  });
});
