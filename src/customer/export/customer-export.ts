import { Injectable } from '@nestjs/common';
import type { CustomerFilter } from '../customer-filter';
import { CustomerReader, type Sort } from '../customer.reader';
import { under } from '../import/report/chunk-lines';
import { AttributeKeys } from './attribute-keys';
import { exportHeader, exportLine } from './export-lines';
import { ExportPlaces } from './export-places';

/** Customers read at once: few, since whoever reads the file may be slow, and one may have 50 KB of attributes. */
const PAGE = 100;

export interface ExportWish {
  tenantId: string;
  filter: CustomerFilter;
  sort: Sort;
  /** Whether there is still somebody who waits for it. */
  isWanted: () => boolean;
}

/** A tenant's customers as a file that an upload takes again. */
@Injectable()
export class CustomerExport {
  constructor(
    private readonly customers: CustomerReader,
    private readonly keys: AttributeKeys,
    private readonly places: ExportPlaces,
  ) {}

  /**
   * The file, part by part, read from the database as it is asked for. The first part comes when the attributes of all
   * its customers, and its first page, are known. Of what is written meanwhile it may have a part, or nothing.
   * @throws TooManyAttributes, TooManyExports
   */
  async *csv({ tenantId, filter, sort, isWanted }: ExportWish): AsyncGenerator<string> {
    const giveBack = this.places.take(tenantId);
    try {
      const keys = await this.keys.of(tenantId, filter, isWanted);
      yield* under(exportHeader(keys), this.lines({ tenantId, filter, sort, isWanted }, keys));
    } finally {
      giveBack();
    }
  }

  private async *lines(
    { tenantId, filter, sort, isWanted }: ExportWish,
    keys: readonly string[],
  ): AsyncGenerator<string> {
    let cursor: string | null | undefined;
    while (cursor !== null && isWanted()) {
      const page = await this.customers.list(tenantId, {
        ...filter,
        sort,
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      });
      if (page.items.length > 0) yield page.items.map((customer) => exportLine(customer, keys)).join('');
      cursor = page.nextCursor;
    }
  }
}
