import type { mongo } from 'mongoose';
import { nameOfRow, rowOfEmail, visitsOfRow } from './csv.ts';
import type { ExpectedCustomer, ExpectedImport, Ledger } from './ledger.ts';

/** What MongoDB has of what was accepted. A row of an import is a write like any other. */
export interface Audit {
  applied: number;
  lost: number;
  twice: number;
  /** The first of what is wrong, for whoever looks for the cause. */
  examples: string[];
}

interface StoredCustomer {
  _id: string;
  email: string;
  name: string;
  attributes?: Record<string, unknown>;
  stats?: { spendCents?: number; visits?: number };
  deletedAt: Date | null;
}

const MAX_EXAMPLES = 8;

/** Compares the documents of a tenant, deleted ones included, with what must be there. */
export async function audit(db: mongo.Db, tenantId: string, ledger: Ledger): Promise<Audit> {
  const auditor = new Auditor(ledger);
  const stored = db.collection<StoredCustomer>('customers').find(
    { tenantId },
    {
      readConcern: 'majority',
      projection: { email: 1, name: 1, attributes: 1, stats: 1, deletedAt: 1 },
    },
  );
  for await (const customer of stored) auditor.see(customer);
  return auditor.conclude();
}

class Auditor {
  readonly #result: Audit = { applied: 0, lost: 0, twice: 0, examples: [] };
  readonly #missing: Map<string, ExpectedCustomer>;
  readonly #imports: Map<string, ExpectedImport & { seen: Set<number> }>;

  constructor(ledger: Ledger) {
    this.#missing = new Map(ledger.customers);
    this.#imports = new Map(ledger.imports.map((file) => [file.prefix, { ...file, seen: new Set() }]));
  }

  see(stored: StoredCustomer): void {
    const expected = this.#missing.get(stored._id);
    if (expected) {
      this.#missing.delete(stored._id);
      this.#compare(stored, expected);
    } else {
      this.#seeRow(stored);
    }
  }

  conclude(): Audit {
    for (const [id, expected] of this.#missing) {
      this.#lose(`customer ${id} (${expected.email}) is not there`, 1);
      this.#lose(`and the writes to ${id}`, expected.visits + expected.attributes.size);
      if (expected.deleted) this.#lose(`and the delete of ${id}`, 1);
    }
    for (const { importId, rows, seen } of this.#imports.values()) {
      this.#lose(`import ${importId}: rows that are not there`, rows - seen.size);
    }
    return this.#result;
  }

  #compare(stored: StoredCustomer, expected: ExpectedCustomer): void {
    const { _id: id } = stored;
    this.#apply(1);
    this.#compareVisits(stored, expected);
    let isNewestApplied = true;
    for (const [key, value] of expected.attributes) {
      isNewestApplied = stored.attributes?.[key] === value;
      if (isNewestApplied) this.#apply(1);
      else this.#lose(`customer ${id}: ${key}`, 1);
    }
    if (stored.name !== expected.name && isNewestApplied) {
      // An older change came over the newest one: its attribute is there, its name is not.
      if (expected.attributes.size > 0) this.#apply(-1);
      this.#lose(`customer ${id}: its name is "${stored.name}", not "${expected.name}"`, 1);
    }
    const isDeleted = stored.deletedAt !== null;
    if (isDeleted && expected.deleted) this.#apply(1);
    else if (expected.deleted) this.#lose(`customer ${id}: its delete`, 1);
    else if (isDeleted) this.#double(`customer ${id}: a delete that nobody asked for`, 1);
  }

  #compareVisits({ _id: id, stats }: StoredCustomer, { visits: expected }: ExpectedCustomer): void {
    const { visits = 0, spendCents = 0 } = stats ?? {};
    this.#apply(Math.min(visits, expected));
    this.#lose(`customer ${id}: ${visits} visits of ${expected}`, Math.max(0, expected - visits));
    this.#double(`customer ${id}: ${visits} visits for ${expected}`, Math.max(0, visits - expected));
    if (spendCents !== visits) this.#double(`customer ${id}: ${spendCents} cents for ${visits} visits`, 1);
  }

  #seeRow({ _id: id, email, name, stats, deletedAt }: StoredCustomer): void {
    const { prefix = '', row = 0 } = rowOfEmail(email) ?? {};
    const file = this.#imports.get(prefix);
    if (!file || row >= file.rows) this.#double(`customer ${id} (${email}) that nobody was promised`, 1);
    else if (file.seen.has(row)) this.#double(`customer ${id}: a second one of ${email}`, 1);
    else {
      file.seen.add(row);
      const isExact = name === nameOfRow(row) && stats?.visits === visitsOfRow(row) && deletedAt === null;
      if (isExact) this.#apply(1);
      else this.#lose(`row ${row} of import ${file.importId}: it is not as in the file`, 1);
    }
  }

  #apply(count: number): void {
    this.#result.applied += count;
  }

  #lose(what: string, count: number): void {
    this.#result.lost += count;
    if (count > 0) this.#note(`lost ${count}: ${what}`);
  }

  #double(what: string, count: number): void {
    this.#result.twice += count;
    if (count > 0) this.#note(`twice ${count}: ${what}`);
  }

  #note(example: string): void {
    if (this.#result.examples.length < MAX_EXAMPLES) this.#result.examples.push(example);
  }
}
