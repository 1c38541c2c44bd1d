/**
 * Where pages are kept for good: objects that appear whole, are never changed, and are named by
 * `/`-separated paths.
 */
export interface Landing {
  /**
   * Writes an object that does not exist yet. Bytes equal to those of an existing object count as written.
   *
   * @throws LandingError when an object with other bytes has that path, or it cannot be written.
   */
  put(path: string, bytes: Buffer): Promise<void>;
  /** @throws LandingError when there is no such object. */
  get(path: string): Promise<Buffer>;
  /** Names right below `path` in order; none when there is nothing. */
  list(path: string): Promise<readonly string[]>;
  /** The address by which people find the object: a file name, or `gs://…`. */
  uri(path: string): string;
  /** The file on this machine that is the object, or undefined where objects are not files. */
  file(path: string): string | undefined;
}
