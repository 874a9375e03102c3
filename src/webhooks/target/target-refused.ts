/** Why a webhook may not go where its URL says. */
export type TargetProblem = 'invalid_url' | 'https_required' | 'forbidden_address' | 'unresolvable';

/** A receiver that nothing is sent to. Mapped to 400 in src/http; a try that comes to it failed. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';

  constructor(
    readonly problem: TargetProblem,
    message: string,
  ) {
    super(message);
  }
}
