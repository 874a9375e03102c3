import { ApiProperty } from '@nestjs/swagger';
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry } from './audit-log';

class AuditEntryView {
  @ApiProperty({ type: String, description: 'Orders the entries.' }) id: string;
  @ApiProperty({ type: String, format: 'date-time' }) at: string;
  @ApiProperty({ type: String, description: '`sub` of the token, or the user name of the admin pages.' })
  userId: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null for a user of the admin pages.' })
  tenantId: string | null;
  @ApiProperty({
    type: String,
    enum: AUDIT_ACTIONS,
    description: '`bull-board`: whatever was done there; `details` says what.',
  })
  action: AuditAction;
  @ApiProperty({ type: String, nullable: true, example: 'customer.jobs' }) queue: string | null;
  @ApiProperty({ type: [String], nullable: true, description: 'The jobs, where they were named.' })
  jobIds: string[] | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'How many jobs, where it is known.' })
  count: number | null;
  @ApiProperty({ type: String }) requestId: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) details: Record<string, string | number>;
}

export class AuditLogView {
  @ApiProperty({ type: [AuditEntryView], maxItems: 200, description: 'The newest first.' })
  items: AuditEntryView[];
  @ApiProperty({ type: String, nullable: true, description: 'Null on the last page.' })
  nextCursor: string | null;
}

/** @param entries one more than a page, if there is a next one */
export function toAuditLogView(entries: AuditEntry[], limit: number): AuditLogView {
  const page = entries.slice(0, limit);
  return {
    items: page.map(({ jobIds = null, count = jobIds?.length ?? null, details = {}, ...entry }) => ({
      ...entry,
      jobIds,
      count,
      details,
    })),
    nextCursor: entries.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
