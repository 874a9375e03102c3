import type { CustomerRecord } from '../../customer.schema';
import { writtenAt } from './put-back';

/**
 * An import and its undo in the order of acceptance. Each has a place per row; the undo takes rows back from the last to
 * the first, so where rows wrote the same field, what was there before the first of them stays.
 */
export class UndoPlaces {
  private readonly last: number;

  /** @param first place of the import's first row @param undo first place of the undo */
  constructor(
    private readonly first: number,
    rows: number,
    private readonly undo: number,
  ) {
    this.last = first + rows - 1;
  }

  /** Place at which a row is taken back. */
  undoOf(row: number): number {
    return this.undo + this.last - row;
  }

  isOfUndo(place: number): boolean {
    return place >= this.undo && place <= this.undoOf(this.first);
  }

  /** Whether a row that has this place is the given one, or came later in the file. */
  isFromRowOn(row: number, place: number): boolean {
    return place >= row && place <= this.last;
  }

  isAfterImport(place: number): boolean {
    return place > this.last && !this.isOfUndo(place);
  }

  isAfterUndo(place: number): boolean {
    return place > this.undoOf(this.first);
  }

  /** Places of what was written to a customer after the import, by whomever but the undo; those of fields, and of visits. */
  since(record: CustomerRecord): { fields: number[]; visits: number[] } {
    const paths = Object.keys(record.fieldOrders ?? {});
    const fields = [...paths.map((path) => writtenAt(record, path)), record.order, record.deletedOrder ?? 0];
    return {
      fields: fields.filter((place) => this.isAfterImport(place)),
      visits: [record.stats.visitOrder ?? 0].filter((place) => this.isAfterImport(place)),
    };
  }
}
