import type { Finding } from './finding.ts';
import type { Stage } from './stage.ts';

export interface BenchCase {
  name: string;
  title: string;
  run(stage: Stage): Promise<Finding[]>;
}
