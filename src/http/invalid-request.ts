import type { FieldProblem } from './problem';

/** 400 with one entry per field that is wrong. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(readonly errors: FieldProblem[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
  }
}
