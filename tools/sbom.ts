import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { softwareBill } from './dependencies/software-bill.ts';

// npm run sbom: writes dist/sbom.cdx.json, the software bill of materials that goes with each release.
const root = path.resolve(import.meta.dirname, '..');
const bill = await softwareBill(root);
await mkdir(path.join(root, 'dist'), { recursive: true });
await writeFile(path.join(root, 'dist/sbom.cdx.json'), JSON.stringify(bill, undefined, 2));
