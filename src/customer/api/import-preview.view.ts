import { ApiProperty } from '@nestjs/swagger';
import { ENCODINGS, type Encoding } from '../import/csv/decoded-text';
import { DELIMITERS, type Delimiter } from '../import/csv/delimiter';
import type { FilePreview } from '../import/import-preview';

const TARGET = 'A field of the customer, or `attributes.<key>`; null when the column is ignored.';

export class PreviewedColumnView {
  @ApiProperty({ description: 'The header text.' }) header: string;
  @ApiProperty({ type: String, nullable: true, description: TARGET, example: 'email' }) target: string | null;
}

export class PreviewedProblemView {
  @ApiProperty({ required: false, description: 'Absent when the row as a whole is wrong.' }) field?: string;
  @ApiProperty({ example: 'invalid_email' }) code: string;
  @ApiProperty() message: string;
}

export class PreviewedRowView {
  @ApiProperty({ type: 'integer', description: 'Physical line of the file; the header is line 1.' })
  line: number;
  @ApiProperty({ type: [String], description: 'The cells, as they are; long ones are cut off.' })
  values: string[];
  @ApiProperty({ type: [PreviewedProblemView], description: 'Empty for a row that would be imported.' })
  problems: PreviewedProblemView[];
}

export class ImportPreviewView {
  @ApiProperty({ enum: DELIMITERS }) delimiter: Delimiter;
  @ApiProperty({ enum: ENCODINGS, description: 'As far as was read; plain ASCII is `utf-8`.' })
  encoding: Encoding;
  @ApiProperty({ type: [PreviewedColumnView] }) columns: PreviewedColumnView[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    description:
      'What the columns above fill, with fields proposed for columns that have other usual names: pass it, or what ' +
      'you make of it, as `mapping` to the upload.',
    example: { 'E-mail': 'email', Plan: 'attributes.Plan', $internal: null },
  })
  mapping: Record<string, string | null>;
  @ApiProperty({ type: [PreviewedRowView], description: 'The first 20 rows, read with this mapping.' })
  rows: PreviewedRowView[];
  @ApiProperty({
    type: [PreviewedProblemView],
    description: 'Why an upload with this mapping would be refused, such as a missing column.',
  })
  problems: PreviewedProblemView[];
}

export const toPreviewView = ({ columns, problems, ...preview }: FilePreview): ImportPreviewView => ({
  ...preview,
  columns,
  mapping: Object.fromEntries(columns.map(({ header, target }) => [header, target])),
  problems: problems.map(({ field, reason, message }) => ({ field, code: reason, message })),
});
