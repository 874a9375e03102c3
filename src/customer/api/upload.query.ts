import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DUPLICATE_RULES, type DuplicateRule } from '../import/import-record';
import { Mapping } from './mapping.query';
import { PlacementQuery } from './placement.query';

export class UploadQuery extends PlacementQuery {
  @ApiProperty({
    enum: DUPLICATE_RULES,
    required: false,
    default: 'update',
    description:
      'What happens to a row whose email a customer already has: it is merged on top, left out, or rejected. Rows are ' +
      'judged in the order of the file, and this goes for its own rows too: the first valid row with an email makes the ' +
      'customer, and each later one meets the customer that those before it left.',
  })
  @IsOptional()
  @IsIn(DUPLICATE_RULES, { message: `expected one of ${DUPLICATE_RULES.join(', ')}` })
  onDuplicate?: DuplicateRule;

  @ApiProperty({
    type: Boolean,
    required: false,
    default: false,
    description:
      'Does everything but the writes to customers: the same counts, `errors.csv` and `results.csv`.',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'expected true or false' })
  dryRun?: 'true' | 'false';

  @Mapping()
  mapping?: string;
}
