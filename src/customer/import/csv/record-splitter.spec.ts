import { refusalOf } from '../../../../test/helpers/csv-refusal';
import { RecordSplitter } from './record-splitter';

const MOST = 1000;

interface Found {
  text: string;
  line: number;
}

/** Splits `text`, fed in pieces of `pieceBytes`. */
function split(text: string, pieceBytes = Infinity, splitter = new RecordSplitter(MOST, ',')): Found[] {
  const bytes = Buffer.from(text);
  const found: Found[] = [];
  const drain = (): void => {
    while (splitter.next()) {
      const record = bytes.subarray(splitter.recordStart, splitter.recordEnd);
      found.push({ text: record.toString(), line: splitter.recordLine });
    }
  };
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    splitter.feed(bytes.subarray(at, at + pieceBytes));
    drain();
  }
  splitter.end();
  drain();
  return found;
}

describe('RecordSplitter', () => {
  it.each<[string, string, Found[]]>([
    ['nothing', '', []],
    ['only blank lines', '\n\r\n\r\r\n', []],
    ['a last record without a line end', 'a\nb', [at('a\n', 1), at('b', 2)]],
    [
      'all three line ends in one file',
      'a\nb\r\nc\rd\r\n',
      [at('a\n', 1), at('b\r\n', 2), at('c\r', 3), at('d\r\n', 4)],
    ],
    ['blank lines between records', 'a\n\n\r\n\rb\r\n\nc', [at('a\n', 1), at('b\r\n', 5), at('c', 7)]],
    ['a line of spaces, which is a record', 'a\n  \nb', [at('a\n', 1), at('  \n', 2), at('b', 3)]],
    ['line ends within quotes', '"x\ny\r\nz\r",1\n2', [at('"x\ny\r\nz\r",1\n', 1), at('2', 5)]],
    ['a quoted field in the middle', 'a,"b\n",c\nd', [at('a,"b\n",c\n', 1), at('d', 3)]],
    ['escaped quotes', '"a""\n""b"\nc', [at('"a""\n""b"\n', 1), at('c', 3)]],
    ['empty quoted fields', '"",""\n""', [at('"",""\n', 1), at('""', 2)]],
    ['quotes inside an unquoted field', 'a"b,c "d"\n e"', [at('a"b,c "d"\n', 1), at(' e"', 2)]],
    ['text after a closing quote', '"a"b"c\n",\n"d', [at('"a"b"c\n', 1), at('",\n"d', 2)]],
    ['a closing quote at the end', 'a,"b"', [at('a,"b"', 1)]],
    ['a lone \\r at the end', 'a\r', [at('a\r', 1)]],
  ])('finds the records of %s, however the bytes are cut', (_, text, expected) => {
    for (let pieceBytes = 1; pieceBytes <= Math.max(1, text.length); pieceBytes++) {
      expect({ pieceBytes, found: split(text, pieceBytes) }).toEqual({ pieceBytes, found: expected });
    }
  });

  it('counts lines from the line it is given', () => {
    expect(split('a\nb', 1, new RecordSplitter(MOST, ',', 40)).map(({ line }) => line)).toEqual([40, 41]);
  });

  it('refuses a quote that is never closed, with the line where it opened', () => {
    const refusal = refusalOf(() => split('a,b\n"x\ny",z\nc,"d\ne\n'));

    expect(refusal).toMatchObject({ reason: 'unclosed_quote', line: 4 });
    expect(refusal.message).toBe('A quote opened on line 4 is never closed.');
  });

  it('refuses a record over the limit while it is still arriving, with the line where it starts', () => {
    const splitter = new RecordSplitter(10, ',');
    splitter.feed(Buffer.from('a\n0123456789'));
    expect([splitter.next(), splitter.next()]).toEqual([true, false]);
    splitter.feed(Buffer.from('x'));

    const refusal = refusalOf(() => splitter.next());

    expect(refusal).toMatchObject({ reason: 'record_too_long', line: 2 });
  });

  it('judges the length of a record alike, however the bytes are cut', () => {
    for (const pieceBytes of [1, 3, 100]) {
      expect(split('012345678\n\n', pieceBytes, new RecordSplitter(10, ','))).toHaveLength(1);
      expect(refusalOf(() => split('0123456789\n', pieceBytes, new RecordSplitter(10, ','))).line).toBe(1);
    }
  });

  it('points at the quote when a record is too long because of it', () => {
    const refusal = refusalOf(() => split('a\n"b\n'.padEnd(30, 'c'), 4, new RecordSplitter(10, ',')));

    expect(refusal.message).toBe(
      'The record that starts on line 2 is longer than 10 bytes. Is the quote opened on line 2 ever closed?',
    );
  });
});

function at(text: string, line: number): Found {
  return { text, line };
}
