import type { CsvChunk } from './chunk-cutter';
import type { CsvRefused } from './csv-error';
import { CSV_LIMITS, type CsvLimits } from './csv-limits';
import { readCsv, type CsvFile } from './read-csv';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** A source that tells how much of it was pulled, and whether it was closed. */
class Source implements AsyncIterable<Buffer> {
  pulled = 0;
  closed = false;

  constructor(private readonly pieces: Iterable<Buffer>) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- a source is asynchronous
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (const piece of this.pieces) {
        this.pulled++;
        yield piece;
      }
    } finally {
      this.closed = true;
    }
  }
}

function inPieces(content: string | Buffer, pieceBytes = 7): Source {
  const bytes = Buffer.from(content);
  const count = Math.ceil(bytes.length / pieceBytes);
  return new Source(
    Array.from({ length: count }, (_, i) => bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes)),
  );
}

async function chunksOf(file: CsvFile): Promise<CsvChunk[]> {
  const chunks: CsvChunk[] = [];
  for await (const chunk of file.chunks) chunks.push(chunk);
  return chunks;
}

const read = async (content: string | Buffer, limits?: Partial<CsvLimits>, pieceBytes?: number) =>
  chunksOf(await readCsv(inPieces(content, pieceBytes), limits));

const refusalOf = (reading: Promise<unknown>): Promise<CsvRefused> =>
  reading.then(
    () => Promise.reject(new Error('Nothing was refused')),
    (error: unknown) => error as CsvRefused,
  );

const show = ({ bytes, ...place }: CsvChunk) => ({ text: bytes.toString(), ...place });

describe('readCsv', () => {
  it('gives the header first, then chunks of whole records with their places', async () => {
    const file = await readCsv(inPieces('\nname,"e ""mail"""\r\nA,1\r\n\nB,"2\n2"\nC,3\rD,4'), {
      rowsPerChunk: 2,
    });

    expect(file.header).toEqual(['name', 'e "mail"']);
    expect((await chunksOf(file)).map(show)).toEqual([
      { text: 'A,1\r\n\nB,"2\n2"\n', rows: 2, firstLine: 3, firstRow: 0 },
      { text: 'C,3\rD,4', rows: 2, firstLine: 7, firstRow: 2 },
    ]);
  });

  it('cuts a chunk before it exceeds its bytes, and lets a longer record have a chunk of its own', async () => {
    const chunks = await read('h\naaaa\nbbbb\ncccccccccccccccc\ndd\n', { maxChunkBytes: 10 });

    expect(chunks.map(({ bytes }) => bytes.toString())).toEqual([
      'aaaa\nbbbb\n',
      'cccccccccccccccc\n',
      'dd\n',
    ]);
  });

  it.each([1, 2, 3, 4, 1000])(
    'drops a byte order mark that comes in pieces of %d bytes',
    async (pieceBytes) => {
      const file = await readCsv(inPieces(Buffer.concat([BOM, Buffer.from('"a,b",c\n1,2\n')]), pieceBytes));

      expect(file.header).toEqual(['a,b', 'c']);
      await file.chunks.return();
    },
  );

  it('pulls from the source no faster than chunks are taken', async () => {
    const source = inPieces(`h\n${'row\n'.repeat(1000)}`, 4);

    const file = await readCsv(source, { rowsPerChunk: 10 });
    const pulledForHeader = source.pulled;
    await file.chunks.next();

    expect({ pulledForHeader, pulled: source.pulled }).toEqual({ pulledForHeader: 1, pulled: 11 });
    await file.chunks.return();
    expect(source.closed).toBe(true);
  });

  it('keeps no chunk waiting, and so growing, while only blank lines come', async () => {
    const blank = Buffer.alloc(1024 * 1024, '\n');
    const pieces = function* (): Generator<Buffer> {
      yield Buffer.from('h\n1\n');
      for (let i = 0; i < 8; i++) yield blank;
      yield Buffer.from('2');
    };
    const source = new Source(pieces());
    const file = await readCsv(source, { maxChunkBytes: 100 });

    const first = await file.chunks.next();

    expect(source.pulled).toBe(2);
    expect([first.value as CsvChunk, ...(await chunksOf(file))].map(show)).toEqual([
      { text: '1\n', rows: 1, firstLine: 2, firstRow: 0 },
      { text: '2', rows: 1, firstLine: 3 + 8 * 1024 * 1024, firstRow: 1 },
    ]);
  });

  it('stops pulling a line that never ends', async () => {
    const source = new Source(
      (function* () {
        yield Buffer.from('h\n');
        for (let i = 0; i < 100; i++) yield Buffer.alloc(1024 * 1024, 'a');
      })(),
    );

    const refusal = await refusalOf(readCsv(source).then(chunksOf));

    expect(refusal).toMatchObject({ reason: 'record_too_long', line: 2 });
    expect(source.pulled).toBeLessThanOrEqual(2 + CSV_LIMITS.maxRecordBytes / (1024 * 1024));
    expect(source.closed).toBe(true);
  });

  it('takes a field of 1 MB, for the row check to reject alone', async () => {
    const chunks = await read(`h\n1\n${'a'.repeat(1024 * 1024)}\n2\n`, {}, 65_536);

    expect(chunks.reduce((rows, chunk) => rows + chunk.rows, 0)).toBe(3);
  });

  describe('refuses', () => {
    const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
    const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
    const utf16be = (text: string): Buffer => utf16(text).swap16();
    const UTF32 = 'The file is UTF-32; save it as "CSV UTF-8".';
    const utf32 = Buffer.from('fffe00006e00000061000000', 'hex');
    const cases: [string, string | Buffer, Partial<CsvRefused>][] = [
      ['an empty file', '', { reason: 'empty_file', message: 'The file is empty.' }],
      ['a file of only a byte order mark', BOM, { reason: 'empty_file' }],
      ['a file of only blank lines', '\n\r\n\r', { reason: 'empty_file' }],
      ['a file of only a header', 'name,email\n\n', { reason: 'header_only' }],
      ['an unclosed quote', 'h\n1\n"2\n3\n', { reason: 'unclosed_quote', line: 3 }],
      ['an unclosed quote in the header', 'name,"email\n1,2\n', { reason: 'unclosed_quote', line: 1 }],
      ['a header with text after a closing quote', 'a,"b"c\n1,2', { reason: 'malformed_header', line: 1 }],
      ['a NUL byte', 'h\n1\r\n"\n\0"\n', { reason: 'not_text', line: 4 }],
      [
        'a byte that is not UTF-8 after characters that are',
        Buffer.concat([Buffer.from('h\nÁna\r'), latin1('José\nBo\n')]),
        { reason: 'not_text', line: 3, message: 'Line 3 is not UTF-8; save the file as UTF-8.' },
      ],
      [
        'a byte that is not UTF-8 after a byte order mark',
        Buffer.concat([BOM, latin1('naïve\n1\n')]),
        { reason: 'not_text', line: 1 },
      ],
      [
        'bad bytes before an unclosed quote',
        Buffer.concat([Buffer.from('hé\n'), latin1('é\n"')]),
        { reason: 'not_text', line: 2 },
      ],
      [
        'a character cut off by the end',
        Buffer.from('hé\n€').subarray(0, -1),
        { reason: 'not_text', line: 2 },
      ],
      [
        'a byte that Windows-1252 does not have',
        latin1('h\né\n\n"\r\x81"'),
        {
          reason: 'not_text',
          line: 5,
          message: 'Line 5 is neither UTF-8 nor Windows-1252; save the file as UTF-8.',
        },
      ],
      ['a NUL byte in Windows-1252', latin1('h\né\n\0'), { reason: 'not_text', line: 3 }],
      ['an odd byte of UTF-16', utf16('h\n1\n2').subarray(0, -1), { reason: 'not_text', line: 3 }],
      ['half a character of UTF-16', utf16('h\n1\n\udc00x'), { reason: 'not_text', line: 3 }],
      ['half a character at the end of UTF-16', utf16be('h\n1\n😀').subarray(0, -2), { line: 3 }],
      ['half a character in big-endian UTF-16', utf16be('h\n1\ud800\n😀'), { line: 2 }],
      ['a NUL in UTF-16', utf16('h\n\0'), { reason: 'not_text', line: 2 }],
      ['UTF-32', utf32, { reason: 'not_text', line: 1, message: UTF32 }],
      ['big-endian UTF-32', Buffer.from(utf32).swap32(), { message: UTF32 }],
      ['a separator that none has', 'sep=^\na^b\n1^2\n', { reason: 'malformed_header', line: 1 }],
      ['a file of only a separator', 'sep=;\r\n', { reason: 'empty_file' }],
      [
        'a bad byte soon after a character that may be cut',
        Buffer.concat([Buffer.from('h\n😀\n'), latin1('\xff\ny\n')]),
        { reason: 'not_text', line: 3 },
      ],
      ['UTF-16 without a mark', utf16('name,email\n').subarray(2), { reason: 'not_text', line: 1 }],
      ['big-endian UTF-16 without a mark', utf16be('name\n').subarray(2), { reason: 'not_text', line: 1 }],
      ['an Excel workbook', Buffer.from('PK\x03\x04\x14\0\x06'), { reason: 'not_text', line: 1 }],
      ['a gzip file', Buffer.from([0x1f, 0x8b, 8, 0, 0]), { reason: 'not_text', line: 1 }],
      ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), { reason: 'not_text', line: 1 }],
      ['a PDF', '%PDF-1.7\n%', { reason: 'not_text', line: 1 }],
      [
        'an image',
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        { reason: 'not_text', line: 1 },
      ],
    ];

    it.each(cases)('%s, however the bytes are cut', async (_, content, expected) => {
      for (const pieceBytes of [1, 2, 3, 5, 1000]) {
        expect(await refusalOf(read(content, {}, pieceBytes))).toMatchObject(expected);
      }
    });
  });

  it('takes the marks off the header of an errors.csv alone', async () => {
    const headers = await Promise.all(
      ["line;reason;'@x;a,b,c,d", "reason;line;'@x"].map(async (header) => {
        const file = await readCsv(inPieces(`${header}\n1;2;3;4\n`));
        await file.chunks.return();
        return file.header;
      }),
    );

    expect(headers).toEqual([
      ['line', 'reason', '@x', 'a,b,c,d'],
      ['reason', 'line', "'@x"],
    ]);
  });

  it('takes characters of every length, however the bytes are cut', async () => {
    const text = 'é漢😀\u{10FFFF}a\n';

    for (let pieceBytes = 1; pieceBytes <= 5; pieceBytes++) {
      expect((await read(`h\n${text}`, {}, pieceBytes)).map(show)).toMatchObject([{ text }]);
    }
  });
});
