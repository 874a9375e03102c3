/**
 * Asks a question at most once at a time: whoever asks while it is being answered gets the same answer. Questions to a
 * server that is away would pile up otherwise.
 */
export function oneAtATime<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
}
