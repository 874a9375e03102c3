import { Injectable } from '@nestjs/common';
import { Environment } from '../../config/environment';
import { TooManyExports } from './too-many-exports';

/** Of a process's exports, what one tenant may have. */
const TENANT_SHARE = 0.25;

/** Bounds the exports that a process writes at once: each holds a page of customers for as long as its reader takes. */
@Injectable()
export class ExportPlaces {
  private readonly mostOfOne: number;
  private readonly most: number;
  private taken = 0;
  /** How many each tenant has. */
  private readonly ofTenants = new Map<string, number>();

  constructor({ exports }: Environment) {
    this.most = exports.max;
    this.mostOfOne = Math.ceil(exports.max * TENANT_SHARE);
  }

  /**
   * @returns what gives the place back; to be called once
   * @throws TooManyExports
   */
  take(tenantId: string): () => void {
    const own = this.ofTenants.get(tenantId) ?? 0;
    if (this.taken >= this.most || own >= this.mostOfOne) throw new TooManyExports();
    this.taken++;
    this.ofTenants.set(tenantId, own + 1);
    return () => {
      this.giveBack(tenantId);
    };
  }

  private giveBack(tenantId: string): void {
    this.taken--;
    const left = (this.ofTenants.get(tenantId) ?? 1) - 1;
    if (left > 0) this.ofTenants.set(tenantId, left);
    else this.ofTenants.delete(tenantId);
  }
}
