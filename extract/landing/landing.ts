/**
 * An object store for pages. Each object has a `/`-separated path, appears complete or not at all, and never
 * changes.
 */
export interface Landing {
  /**
   * Writes a new object. If an object with the same bytes exists, does nothing.
   *
   * @throws LandingError if an object with other bytes exists, or the object cannot be written.
   */
  put(path: string, bytes: Buffer): Promise<void>;
  /** Reads an object. @throws LandingError if it does not exist or cannot be read */
  get(path: string): Promise<Buffer>;
  /** The sorted names directly below `path`; empty if `path` does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** The object's address for people: a file name, or `gs://…`. */
  uri(path: string): string;
  /** The object's local file name, or undefined if the landing is a bucket. */
  file(path: string): string | undefined;
}
