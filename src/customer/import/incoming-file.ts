/** A CSV file on its way in. */
export interface IncomingFile {
  /** Of the import that it becomes. */
  readonly id: string;
  readonly file: AsyncIterable<Buffer>;
  /** It may have been stored under this id before, or even queued. */
  readonly isRepeat: boolean;
  /** Another request may go on with it, under the same id. */
  readonly canBeRepeated: boolean;
  /** Called when all of it was read, before it is queued. What it throws is the answer. */
  arrived(): Promise<void>;
  /** Whether what is stored under the id is this one's, and may be removed again. */
  isOurs(): Promise<boolean>;
}
