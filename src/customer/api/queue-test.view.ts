import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { EVENTS_CHANNEL } from '../../events/event-publisher';
import { IfGiven } from '../../http/if-given';
import { OptionalBody } from '../../http/validation';
import { CUSTOMER_QUEUE } from '../jobs/customer.jobs';

const MAX_MESSAGE_LENGTH = 200;

export class TestJobView {
  @ApiProperty({ type: String, enum: ['processing'] }) status: 'processing';
  @ApiProperty({ type: String, example: CUSTOMER_QUEUE }) queue: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    description: 'Ask `GET /api/jobs/{jobId}` which process ran it.',
  })
  jobId: string;
}

@OptionalBody()
export class TestEventDto {
  @ApiProperty({
    type: String,
    required: false,
    minLength: 1,
    maxLength: MAX_MESSAGE_LENGTH,
    description: 'Comes in the data of the event.',
  })
  @IfGiven()
  @MaxLength(MAX_MESSAGE_LENGTH, { message: `longer than ${MAX_MESSAGE_LENGTH} characters` })
  @IsNotEmpty({ message: 'must not be empty' })
  @IsString({ message: 'expected a text' })
  message?: string;
}

export class TestEventView {
  @ApiProperty({ type: String, description: '`id` of the CloudEvent.' }) eventId: string;
  @ApiProperty({ type: String, example: EVENTS_CHANNEL, description: 'Redis channel.' }) channel: string;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Subscribers that Redis handed it to.' })
  receivers: number;
}
