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
    description: 'What happens to a row whose email a customer already has.',
  })
  @IsOptional()
  @IsIn(DUPLICATE_RULES, { message: `expected one of ${DUPLICATE_RULES.join(', ')}` })
  onDuplicate?: DuplicateRule;

  @Mapping()
  mapping?: string;
}
