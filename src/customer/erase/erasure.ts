import { Injectable } from '@nestjs/common';
import { ErasedAnswers } from './erased-answers';
import { ErasedEvents } from './erased-events';
import { ErasedHistory } from './erased-history';
import { ErasedImports } from './erased-imports';
import { ErasedJobs } from './erased-jobs';
import type { ErasedPerson } from './erased-person';

/**
 * Removes all that is kept of a customer who is a tombstone already, so that nothing is added any more. Each step may be
 * repeated, and goes by what it finds. docs/security.md has the list of places.
 */
@Injectable()
export class Erasure {
  constructor(
    private readonly jobs: ErasedJobs,
    private readonly history: ErasedHistory,
    private readonly imports: ErasedImports,
    private readonly events: ErasedEvents,
    private readonly answers: ErasedAnswers,
  ) {}

  /** @throws WriteAhead while something of the customer is at work */
  async removeTraces(person: ErasedPerson): Promise<void> {
    // First: what is at work adds to all the others.
    await this.jobs.remove(person);
    await this.history.remove(person);
    await this.imports.remove(person);
    await this.events.remove(person);
    await this.answers.remove(person);
  }
}
