import { ApiProperty } from '@nestjs/swagger';
import type { FieldProblem, Problem } from './problem';

export class FieldProblemView implements FieldProblem {
  @ApiProperty({ example: 'email' }) field: string;
  @ApiProperty({ example: 'invalid_email', description: 'Stable: branch on it.' }) code: string;
  @ApiProperty({ example: 'expected an email address such as ana@example.com' }) message: string;
}

/** Problem details (RFC 9457). */
export class ProblemView implements Problem {
  @ApiProperty({ example: 'about:blank' }) type: string;
  @ApiProperty({ example: 'Bad Request' }) title: string;
  @ApiProperty({ type: 'integer', example: 400 }) status: number;
  @ApiProperty() detail: string;
  @ApiProperty({ example: '/api/customer' }) instance: string;
  @ApiProperty({ enum: [false] }) success: false;
  @ApiProperty({ description: 'The same text as `detail`.' }) message: string;
  @ApiProperty() requestId: string;
  @ApiProperty({
    type: [FieldProblemView],
    required: false,
    description: 'With 400: what is wrong, field by field.',
  })
  errors?: FieldProblemView[];
}
