import type { Template } from './content';

export const customerCreated: Template<'customer.created'> = ({ data, tenantid, time }, publicUrl) => ({
  subject: `Customer ${data.customerId} was created`,
  lead: 'A customer was created.',
  facts: [
    ['Customer', data.customerId],
    ['Email', data.email],
    ['By', data.userId],
    ['Tenant', tenantid],
    ['At', time],
  ],
  links:
    publicUrl === undefined
      ? []
      : [{ label: 'Customer', url: `${publicUrl}/api/customer/${encodeURIComponent(data.customerId)}` }],
});
