import { useState } from 'preact/hooks';
import type { ImportPreviewView } from '../../../../src/customer/api/import-preview.view';
import { Table } from '../../parts/table';
import { ColumnTarget } from './column-target';

interface PreviewedFileProps {
  preview: ImportPreviewView;
  isBusy: boolean;
  isSending: boolean;
  onMap: (mapping: ImportPreviewView['mapping']) => void;
  onStart: (onDuplicate: string, dryRun: boolean) => void;
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/** What the file is taken for, its first rows with what is wrong in them, and the start. */
export function PreviewedFile({ preview, isBusy, isSending, onMap, onStart }: PreviewedFileProps) {
  const { columns, rows, problems, delimiter, encoding, mapping } = preview;
  const wrong = rows.filter((row) => row.problems.length > 0).length;
  return (
    <>
      <p>
        {encoding}, {DELIMITER_NAMES[delimiter] ?? delimiter} between cells.{' '}
        {rows.length === 0
          ? 'It has no rows.'
          : `Of the first ${rows.length} rows, ${wrong === 0 ? 'none would be' : `${wrong} would be`} rejected.`}
      </p>
      {problems.map(({ code, message }) => (
        <p key={code + message} class="problem" role="alert">
          {message}
        </p>
      ))}
      <Table caption="The first rows" head={['Line', ...columns.map(({ header }) => header), 'Problems']}>
        <tr class="targets">
          <td>fills</td>
          {columns.map((column) => (
            <td key={column.header}>
              <ColumnTarget
                column={column}
                disabled={isBusy}
                onChange={(target) => {
                  onMap({ ...mapping, [column.header]: target });
                }}
              />
            </td>
          ))}
          <td />
        </tr>
        {rows.map((row) => (
          <tr key={row.line} class={row.problems.length > 0 ? 'wrong' : ''}>
            <td>{row.line}</td>
            {columns.map(({ header }, index) => (
              <td key={header}>{row.values[index]}</td>
            ))}
            <td>
              {row.problems.map(({ field, code, message }) => (
                <div key={code + message}>{field === undefined ? message : `${field}: ${message}`}</div>
              ))}
            </td>
          </tr>
        ))}
      </Table>
      <Start canStart={problems.length === 0 && !isBusy} isSending={isSending} onStart={onStart} />
    </>
  );
}

interface StartProps {
  canStart: boolean;
  isSending: boolean;
  onStart: (onDuplicate: string, dryRun: boolean) => void;
}

function Start({ canStart, isSending, onStart }: StartProps) {
  const [onDuplicate, setOnDuplicate] = useState('update');
  const [dryRun, setDryRun] = useState(false);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(onDuplicate, dryRun);
      }}
    >
      <label>
        A customer who exists already
        <select
          value={onDuplicate}
          onChange={(event) => {
            setOnDuplicate(event.currentTarget.value);
          }}
        >
          <option value="update">is updated</option>
          <option value="skip">is left as it is</option>
          <option value="fail">is a rejected row</option>
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={dryRun}
          onChange={(event) => {
            setDryRun(event.currentTarget.checked);
          }}
        />
        Dry run: write nothing
      </label>
      <button class="main" disabled={!canStart}>
        {isSending ? 'Sending the file …' : 'Start the import'}
      </button>
    </form>
  );
}
