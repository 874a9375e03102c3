import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PlacementQuery } from './placement.query';

export class DeleteCustomerQuery extends PlacementQuery {
  @ApiProperty({
    type: Boolean,
    required: false,
    default: false,
    description:
      'Removes the customer for good, and everywhere: the record, its visits, the jobs, events, deliveries and kept ' +
      'answers that name it, and the rows of imports with its email. A customer that was deleted before can be erased, ' +
      'too. What was accepted before and would bring it back is not done any more.',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'expected true or false' })
  erase?: 'true' | 'false';
}
