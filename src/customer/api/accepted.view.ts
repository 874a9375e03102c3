import { ApiProperty } from '@nestjs/swagger';

/** What a write is answered with: the work is queued, and where to ask for it. */
export class AcceptedView {
  @ApiProperty({ enum: ['processing'] }) status: 'processing';
  @ApiProperty({ format: 'uuid' }) customerId: string;
  @ApiProperty({ format: 'uuid', description: 'Ask `GET /api/jobs/{jobId}` what became of it.' })
  jobId: string;
}

export class CreateAcceptedView extends AcceptedView {
  @ApiProperty({ format: 'email' }) email: string;
}
