/** How processes are replaced, as the manifests say it: what a container is given, and how it is asked. */
export const DEPLOYMENT = {
  /** Of `/health/ready`. */
  probe: { periodMs: 2_000, timeoutMs: 1_000, failures: 2 },
  /** Before SIGTERM. */
  preStopMs: 5_000,
  /** After SIGTERM an API serves on for longer than the probe takes to find it not ready. */
  shutdownDelayMs: 6_000,
  /** From the beginning of the `preStop` to SIGKILL. */
  graceMs: 30_000,
} as const;
