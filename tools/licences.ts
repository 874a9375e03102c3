import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { doubtfulLicences, licencesDocument } from './dependencies/licences.ts';
import { softwareBill } from './dependencies/software-bill.ts';

// npm run licences: writes docs/licences.md anew, and fails where a licence is not known to be fine.
const root = path.resolve(import.meta.dirname, '..');
const bill = await softwareBill(root);
await writeFile(path.join(root, 'docs/licences.md'), licencesDocument(bill));
for (const doubt of doubtfulLicences(bill)) {
  console.error(`Licence to be looked at: ${doubt}`);
  process.exitCode = 1;
}
