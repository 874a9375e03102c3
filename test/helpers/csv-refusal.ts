import { CsvRefused } from '../../src/customer/import/csv/csv-error';

/** Why a CSV was refused. @throws when it was not, or what else was thrown */
export function refusalOf(act: () => unknown): CsvRefused {
  try {
    act();
  } catch (error) {
    if (error instanceof CsvRefused) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}
