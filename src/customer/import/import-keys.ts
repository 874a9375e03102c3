/** Names of the keys in Redis that hold an import. */
export class ImportKeys {
  constructor(private readonly prefix: string) {}

  record(importId: string): string {
    return `${this.prefix}:import:${importId}`;
  }

  chunk(importId: string, chunk: number): string {
    return `${this.record(importId)}:chunk:${chunk}`;
  }

  /** What each chunk that is settled came to. */
  settled(importId: string): string {
    return `${this.record(importId)}:settled`;
  }

  /** Chunks that are being written, or were when their worker died. */
  underWay(importId: string): string {
    return `${this.record(importId)}:under-way`;
  }

  /** What each chunk of an undo came to, while it goes on. */
  undone(importId: string): string {
    return `${this.record(importId)}:undone`;
  }

  /** Ids of those of a tenant's imports that are not over, or being undone. */
  open(tenantId: string): string {
    return `${this.prefix}:open-imports:${tenantId}`;
  }

  /** Ids of a tenant's imports. */
  list(tenantId: string): string {
    return `${this.prefix}:imports:${tenantId}`;
  }
}
