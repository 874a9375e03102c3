import { Injectable } from '@nestjs/common';
import { KeptAnswers, type FoundAnswer } from '../../http/idempotency/kept-answers';
import { ErasedCustomers } from './erased-customers';
import { mentionsOf, namedIn, type ErasedPerson, type Named } from './erased-person';

/** Takes a person's email out of the answers that are kept for repeated requests. */
@Injectable()
export class ErasedAnswers {
  constructor(
    private readonly answers: KeptAnswers,
    private readonly customers: ErasedCustomers,
  ) {}

  async remove(person: ErasedPerson): Promise<void> {
    for await (const found of this.answers.find(person.tenantId, mentionsOf(person)))
      for (const answer of await this.customers.tracesOf(person, found, whoIn))
        await this.answers.withoutEmail(answer);
  }
}

const whoIn = ({ json }: FoundAnswer): Named =>
  namedIn((JSON.parse(json) as { body?: { data?: unknown } }).body?.data);
