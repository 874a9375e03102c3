/** What was accepted for one customer, and so must be found. */
export interface ExpectedCustomer {
  email: string;
  /** As of the last accepted write that set it. */
  name: string;
  /** One attribute per accepted change. */
  attributes: Map<string, number>;
  /** Accepted visits: each adds 1 visit and 1 cent. */
  visits: number;
  deleted: boolean;
}

/** An accepted file: rows `prefix.0` to `prefix.(rows - 1)`, see `csvOf`. */
export interface ExpectedImport {
  importId: string;
  prefix: string;
  rows: number;
}

/** Everything that was answered 202. */
export class Ledger {
  readonly customers = new Map<string, ExpectedCustomer>();
  readonly imports: ExpectedImport[] = [];
  #writes = 0;
  #rows = 0;

  created(customerId: string, email: string, name: string): void {
    this.#writes += 1;
    this.customers.set(customerId, { email, name, attributes: new Map(), visits: 0, deleted: false });
  }

  visited(customerId: string): void {
    this.#writes += 1;
    this.#customer(customerId).visits += 1;
  }

  changed(customerId: string, name: string, attribute: string, value: number): void {
    this.#writes += 1;
    const customer = this.#customer(customerId);
    customer.name = name;
    customer.attributes.set(attribute, value);
  }

  deleted(customerId: string): void {
    this.#writes += 1;
    this.#customer(customerId).deleted = true;
  }

  uploaded(accepted: ExpectedImport): void {
    this.#rows += accepted.rows;
    this.imports.push(accepted);
  }

  /** Single writes that were accepted. */
  get writes(): number {
    return this.#writes;
  }

  /** Accepted writes: single ones, and each row of an accepted file. */
  get accepted(): number {
    return this.#writes + this.#rows;
  }

  #customer(customerId: string): ExpectedCustomer {
    const customer = this.customers.get(customerId);
    if (!customer) throw new Error(`Customer ${customerId} was never accepted`);
    return customer;
  }
}
