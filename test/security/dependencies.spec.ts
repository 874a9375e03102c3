import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { doubtfulLicences, licencesDocument } from '../../tools/dependencies/licences.ts';
import {
  lockedPackages,
  productionPackages,
  softwareBill,
  type SoftwareBill,
} from '../../tools/dependencies/software-bill.ts';

const root = path.resolve(__dirname, '../..');

describe('the lockfile', () => {
  it('has a hash for every package, and none from elsewhere than the registry', async () => {
    const packages = [...(await lockedPackages(root))].filter(([place]) => place !== '');

    expect(packages.length).toBeGreaterThan(500);
    // Where nothing is said, npm asks the registry that it is told to use: a mirror serves the same hashes.
    const odd = packages.filter(
      ([, { integrity, resolved, link }]) =>
        !integrity?.startsWith('sha512-') ||
        link === true ||
        !(resolved ?? 'https://registry.npmjs.org/').startsWith('https://registry.npmjs.org/'),
    );
    expect(odd).toEqual([]);
  });
});

describe('what a release contains', () => {
  let bill: SoftwareBill;

  beforeAll(async () => {
    bill = await softwareBill(root);
  });

  it('is in its SBOM, package by package with versions, and nothing else', async () => {
    const [project, ...packages] = await productionPackages(root);

    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
    expect(project).toMatch(/^insightcrm-customer-service@/);
    expect(new Set(bill.components.map(({ name, version }) => `${name}@${version}`))).toEqual(
      new Set(packages),
    );
    expect(packages).toContainEqual(expect.stringMatching(/^@nestjs\/core@12\./));
  });

  it('has licences that ask for no more than to be named', () => {
    expect(doubtfulLicences(bill)).toEqual([]);
    expect(
      doubtfulLicences({ ...bill, components: [{ 'bom-ref': 'x@1', name: 'x', version: '1' }] }),
    ).toEqual(['x@1: unknown']);
  });

  it('is listed in docs/licences.md as it is now', async () => {
    const listed = await readFile(path.join(root, 'docs/licences.md'), 'utf8');

    // Out of date? npm run licences
    expect(listed).toBe(licencesDocument(bill));
  });
});
