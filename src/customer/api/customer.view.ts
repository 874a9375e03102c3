import { ApiProperty } from '@nestjs/swagger';
import type { AttributeValue, CustomerRecord } from '../customer.schema';
import { fromCents } from './money';

export class CustomerStatsView {
  @ApiProperty({ type: String, pattern: '^\\d+\\.\\d{2}$', example: '119.80', description: 'Exact decimal.' })
  totalSpend: string;
  @ApiProperty({ type: 'integer', example: 3 }) visits: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastVisit: string | null;
}

export class CustomerView {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ example: 'Ana Souza' }) name: string;
  @ApiProperty({ format: 'email', example: 'ana@example.com' }) email: string;
  @ApiProperty({ type: String, nullable: true }) phone: string | null;
  @ApiProperty({ type: String, nullable: true }) address: string | null;
  @ApiProperty({ type: [String] }) tags: string[];
  @ApiProperty({ type: 'object', additionalProperties: true }) attributes: Record<string, AttributeValue>;
  @ApiProperty() stats: CustomerStatsView;
  @ApiProperty({ type: String, format: 'date-time' }) createdAt: string;
  @ApiProperty({ type: String, format: 'date-time' }) updatedAt: string;
}

export class CustomerPageView {
  @ApiProperty({ type: [CustomerView] }) items: CustomerView[];
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Pass it as `cursor` for the next page; null on the last.',
  })
  nextCursor: string | null;
}

export const toCustomerView = (record: CustomerRecord): CustomerView => ({
  id: record._id,
  name: record.name,
  email: record.email,
  phone: record.phone ?? null,
  address: record.address ?? null,
  tags: record.tags ?? [],
  attributes: record.attributes,
  stats: {
    totalSpend: fromCents(record.stats.spendCents),
    visits: record.stats.visits,
    lastVisit: record.stats.lastVisit?.toISOString() ?? null,
  },
  createdAt: record.createdAt.toISOString(),
  updatedAt: record.updatedAt.toISOString(),
});
