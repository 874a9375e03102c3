/** Something the person at the terminal can mend: its message is shown alone, without a stack. */
export class StackProblem extends Error {
  override readonly name = 'StackProblem';
}

/** What to print for an error that ends a command: one's own problems in a line, bugs with their stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof StackProblem) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
