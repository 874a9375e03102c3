/** One try to do a write, which may have been tried before under the same key. */
export interface Attempt {
  /** Of the work. With a key it is the same at every attempt: what was done before recognises itself. */
  readonly id: string;
  /** It was tried before, and got no answer. */
  readonly isRepeat: boolean;
}

/** A try to take in a file. */
export interface UploadAttempt extends Attempt {
  readonly file: AsyncIterable<Buffer>;
  /** It has a key: another request may go on with it, under the same id. */
  readonly canBeRepeated: boolean;
  /**
   * To be called when the file has been read whole, before anything is promised.
   * @throws KeyReused when the key was used for another file
   * @throws KeyInUse when another request with the key took over
   * @throws QueueUnavailable
   */
  arrived(): Promise<void>;
  /** Whether what is stored under the id is this attempt's: no other request with the key took over. */
  isOurs(): Promise<boolean>;
}
