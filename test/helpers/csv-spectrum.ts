import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

type Row = Record<string, string>;

const FOLDER = path.dirname(require.resolve('csv-spectrum'));

/** Its JSON is that of another CSV: no list, and with another number. */
const CORRECTED: Record<string, Row> = {
  location_coordinates: { 'Contact Phone Number': '2095257564' },
};

/** The files of npm's csv-spectrum: names, bytes, and the rows that they hold. */
export const csvSpectrum = (): { name: string; csv: Buffer; rows: Row[] }[] =>
  readdirSync(path.join(FOLDER, 'csvs')).map((file) => {
    const name = path.parse(file).name;
    const json = JSON.parse(readFileSync(path.join(FOLDER, 'json', `${name}.json`), 'utf8')) as Row | Row[];
    return {
      name,
      csv: readFileSync(path.join(FOLDER, 'csvs', file)),
      rows: [json].flat().map((row) => ({ ...row, ...CORRECTED[name] })),
    };
  });
