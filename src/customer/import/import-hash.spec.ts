import { fromHash, toHash } from './import-hash';
import type { NewImport } from './import-record';

const IMPORT: NewImport = {
  importId: 'i',
  tenantId: 't',
  userId: 'u',
  requestId: 'r',
  acceptedAt: 1,
  rows: 2,
  bytes: 3,
  chunks: 1,
  chunkSizes: [[1, 2]],
  header: ['Full Name', 'email', 'Team', 'x'],
  columns: [{ field: 'name' }, { field: 'email' }, { attribute: 'Team' }, { ignored: true }],
  delimiter: '\t',
  encoding: 'windows-1252',
  onDuplicate: 'update',
  dryRun: false,
  delayMs: 0,
};

/** As Redis gives it back. */
const stored = (record: NewImport): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(toHash(record)).map(([field, value]) => [field, String(value)])),
  order: '4',
});

describe('the hash of an import', () => {
  it('keeps how the file is to be read', () => {
    const { header, columns, delimiter, encoding } = IMPORT;

    expect(fromHash('i', stored(IMPORT))).toMatchObject({ header, columns, delimiter, encoding });
  });

  it('can be read when a version wrote it that knew only UTF-8 and commas', () => {
    const { header: _h, delimiter: _d, encoding: _e, ...older } = stored(IMPORT);

    expect(fromHash('i', older)).toMatchObject({ header: [], delimiter: ',', encoding: 'utf-8' });
  });
});
