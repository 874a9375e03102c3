import type { Delimiter } from './delimiter';
import { HeaderDetector } from './header-format';

function formatOf(
  text: string,
  pieceBytes: number,
): { delimiter: Delimiter; rest: string; firstLine: number } {
  const detector = new HeaderDetector(40);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const end = Math.min(bytes.length, at + pieceBytes);
    const format = detector.feed(bytes.subarray(at, end));
    if (format) return { ...format, rest: Buffer.concat([format.rest, bytes.subarray(end)]).toString() };
  }
  const format = detector.end();
  return { ...format, rest: format.rest.toString() };
}

describe('the delimiter', () => {
  it.each<[string, Delimiter]>([
    ['name,email\n', ','],
    ['name;email\n', ';'],
    ['name\temail\n', '\t'],
    ['name|email\r\n', '|'],
    ['"name";"email"\n', ';'],
    ['name;email;"a,b,c,d,e,f"\n', ';'],
    ['name,email,a;b;c;d;e;f\n', ','],
    ['id;Name;E Mail;x,y\n', ';'],
    // A quote opens a cell only after the right delimiter: the header has two lines.
    ['name;"e\nmail";a,b,c\n', ';'],
    ['"x,y";"name\n";email\n', ';'],
    // Only one is known, then only meant, then none.
    ['Full Name;email;a,b,c,d\n', ';'],
    ['Full Name;E-Mail Address;a,b,c,d\n', ';'],
    ['x|y|z;1\n', '|'],
    // Nothing tells.
    ['a;b,c\n', ','],
    ['name\n', ','],
    ['\n\nname|email\n', '|'],
    ['', ','],
    ['name;email', ';'],
    ['name,"email\nAna', ','],
    // What can't be read with any is read with a comma, and refused.
    [`name;"email\n${'x'.repeat(30)}`, ','],
    [`${'x;'.repeat(30)}\n`, ','],
  ])('of %j is %j, however the bytes are cut', (text, delimiter) => {
    for (const pieceBytes of [1, 2, 3, 10_000])
      expect(formatOf(text, pieceBytes)).toEqual({ delimiter, rest: text, firstLine: 1 });
  });

  it.each<[string, Delimiter]>([
    ['sep=;\r\n', ';'],
    ['SEP=,\n', ','],
    ['sep=\t\r', '\t'],
    ['"sep=|"\n', '|'],
  ])('is what Excel says in a line of its own: %j', (line, delimiter) => {
    for (const pieceBytes of [1, 2, 3, 1_000])
      expect(formatOf(`${line}name,email\n`, pieceBytes)).toEqual({
        delimiter,
        rest: 'name,email\n',
        firstLine: 2,
      });
  });
});
