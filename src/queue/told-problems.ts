import type { Logger } from '../logging/logger';

/** Tells the log of each problem once when it comes, and once when it is over, however often it is looked for. */
export class ToldProblems {
  private told: string[] = [];

  constructor(private readonly logger: Logger) {}

  /** @param problems all that there are now */
  tell(problems: string[]): void {
    for (const problem of problems) if (!this.told.includes(problem)) this.logger.warn(problem);
    for (const problem of this.told)
      if (!problems.includes(problem)) this.logger.info({ problem }, 'Redis has this problem no longer');
    this.told = problems;
  }
}
