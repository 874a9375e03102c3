/**
 * The first key that an object of a JSON text has twice: readers differ in which one counts, so what one has checked
 * another may not see.
 * @param json valid JSON
 */
export function duplicateKeyIn(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const sign = json[at];
    if (sign === '{') open.push(new Set());
    else if (sign === '}') open.pop();
    else if (sign === '"') {
      const end = endOfString(json, at);
      if (isKey(json, end)) {
        const key = textOf(json.slice(at, end));
        const keys = open.at(-1);
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Just behind the quote that ends it; one after an odd number of backslashes does not. */
function endOfString(json: string, start: number): number {
  for (let at = start; ;) {
    at = json.indexOf('"', at + 1);
    let first = at;
    while (json[first - 1] === '\\') first--;
    if ((at - first) % 2 === 0) return at + 1;
  }
}

function isKey(json: string, end: number): boolean {
  let at = end;
  while (json.charCodeAt(at) <= SPACE) at++;
  return json[at] === ':';
}
/** All white space of JSON is at or below it. */
const SPACE = 0x20;

const textOf = (quoted: string): string =>
  quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
