import { CUSTOMER_FIELDS } from '../../../../src/customer/import/csv/column-names';
import type { PreviewedColumnView } from '../../../../src/customer/api/import-preview.view';

interface ColumnTargetProps {
  column: PreviewedColumnView;
  disabled: boolean;
  onChange: (target: string | null) => void;
}

const IGNORED = '';

/** What one column fills. */
export function ColumnTarget({ column: { header, target }, disabled, onChange }: ColumnTargetProps) {
  const isAttribute = target?.startsWith('attributes.') ?? false;
  const attribute = isAttribute && target !== null ? target : `attributes.${header.trim()}`;
  return (
    <select
      aria-label={`What ${header} fills`}
      value={target ?? IGNORED}
      disabled={disabled}
      onChange={({ currentTarget: { value } }) => {
        onChange(value === IGNORED ? null : value);
      }}
    >
      {CUSTOMER_FIELDS.map((field) => (
        <option key={field} value={field}>
          {field}
        </option>
      ))}
      <option value={attribute}>{attribute}</option>
      <option value={IGNORED}>nothing</option>
    </select>
  );
}
