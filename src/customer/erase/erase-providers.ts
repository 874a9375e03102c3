import { KeptAnswers } from '../../http/idempotency/kept-answers';
import { JobReader } from '../../queue/search/job-reader';
import { JobSearch } from '../../queue/search/job-search';
import { EraseCustomer } from './erase-customer';
import { ErasedAnswers } from './erased-answers';
import { ErasedChanges } from './erased-changes';
import { ErasedChunks } from './erased-chunks';
import { ErasedCustomers } from './erased-customers';
import { ErasedEvents } from './erased-events';
import { ErasedHistory } from './erased-history';
import { ErasedImports } from './erased-imports';
import { ErasedJobs } from './erased-jobs';
import { ErasedReports } from './erased-reports';
import { Erasure } from './erasure';
import { ErasurePlaces } from './erasure-places';
import { JobTraces } from './job-traces';

/** What erases customers, for the module of the workers: it takes turns with their jobs. */
export const ERASE_PROVIDERS = [
  EraseCustomer,
  ErasedAnswers,
  ErasedChanges,
  ErasedChunks,
  ErasedCustomers,
  ErasedEvents,
  ErasedHistory,
  ErasedImports,
  ErasedJobs,
  ErasedReports,
  Erasure,
  ErasurePlaces,
  JobReader,
  JobSearch,
  JobTraces,
  KeptAnswers,
];
