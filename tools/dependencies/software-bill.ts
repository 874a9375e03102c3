import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What is in a release, as CycloneDX 1.5 names it; the part of it that is read here. */
export interface SoftwareBill {
  bomFormat: string;
  specVersion: string;
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

export interface Component {
  'bom-ref': string;
  name: string;
  version: string;
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
}

const ONE_MIB = 1024 * 1024;

/**
 * Every package that `npm ci --omit=dev` installs, from the lockfile alone: nothing needs to be there.
 * @throws Error with npm's words when the lockfile can not be read
 */
export async function softwareBill(root: string): Promise<SoftwareBill> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    { cwd: root, maxBuffer: 64 * ONE_MIB },
  );
  const bill = JSON.parse(stdout) as SoftwareBill;
  // npm's own --omit=dev leaves out what something of production and something of development need both.
  const production = await productionPackages(root);
  const isIn = (ref: string): boolean => production.has(ref);
  return {
    ...bill,
    components: bill.components.filter((component) => isIn(component['bom-ref'])),
    dependencies: bill.dependencies
      .filter(({ ref }) => isIn(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isIn) })),
  };
}

/** A package as the lockfile has it. */
export interface LockedPackage {
  name?: string;
  version: string;
  resolved?: string;
  integrity?: string;
  dev?: boolean;
  link?: boolean;
}

/** By their place below `node_modules`; '' is the project itself. */
export async function lockedPackages(root: string): Promise<Map<string, LockedPackage>> {
  const lock = await readFile(path.join(root, 'package-lock.json'), 'utf8');
  return new Map(Object.entries((JSON.parse(lock) as { packages: Record<string, LockedPackage> }).packages));
}

/** `name@version` of all that runs in production, and of the project itself. */
export async function productionPackages(root: string): Promise<Set<string>> {
  const packages = [...(await lockedPackages(root))].filter(([, { dev }]) => !dev);
  return new Set(
    packages.map(
      ([place, { name, version }]) =>
        `${name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
    ),
  );
}
