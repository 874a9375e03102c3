import type { MaintenanceJobName, MaintenanceResult } from '../maintenance.jobs';

/** Does the work of one job name. May run twice, late, or beside its twin, and must end in the same state. */
export interface MaintenanceHandler<N extends MaintenanceJobName> {
  /**
   * @param stopping to be looked at between steps: the work then goes on in another worker, from its beginning
   * @throws AbortError once stopping; anything else for a fault that is retried
   */
  handle(stopping: AbortSignal): Promise<MaintenanceResult<N>>;
}

/** One handler per job name: a missing one does not compile. */
export type MaintenanceHandlers = { [N in MaintenanceJobName]: MaintenanceHandler<N> };
export const MAINTENANCE_HANDLERS = Symbol('MaintenanceHandlers');
