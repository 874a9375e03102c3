/** What it takes to find or to fetch a server's program. */
export interface BinaryOptions {
  /** The project's root. */
  root: string;
  /** The folder that keeps what was fetched; git ignores it. */
  serversDir: string;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}
