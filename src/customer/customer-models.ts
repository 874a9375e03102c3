import { type WantedCollection, wantedCollection } from '../mongo/collections/wanted-collection';
import { CustomerRecord, CustomerSchema } from './customer.schema';
import { ChunkReport, ChunkReportSchema } from './import/report/chunk-report.schema';
import { RehearsedCustomer, RehearsedCustomerSchema } from './import/rehearsal/rehearsed-customer.schema';
import { LoggedChanges, LoggedChangesSchema } from './import/undo/change-log.schema';
import { UndoReport, UndoReportSchema } from './import/undo/undo-report.schema';
import { Visit, VisitSchema } from './visit.schema';
import { EndedJob, EndedJobSchema } from './job-history/ended-job.schema';

/** Each collection of the service, by the class of its documents. */
export const CUSTOMER_MODELS = [
  { name: CustomerRecord.name, schema: CustomerSchema },
  { name: Visit.name, schema: VisitSchema },
  { name: EndedJob.name, schema: EndedJobSchema },
  { name: LoggedChanges.name, schema: LoggedChangesSchema },
  { name: RehearsedCustomer.name, schema: RehearsedCustomerSchema },
  { name: ChunkReport.name, schema: ChunkReportSchema },
  { name: UndoReport.name, schema: UndoReportSchema },
];

/** The same, as the database must have them. */
export const CUSTOMER_COLLECTIONS: readonly WantedCollection[] = CUSTOMER_MODELS.map(({ schema }) =>
  wantedCollection(schema),
);
