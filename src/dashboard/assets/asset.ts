/**
 * A file that browsers load.
 *
 * @module
 */

/** A file as browsers get it. */
export interface Asset {
  /** Its name in the sources, `app.css`. */
  readonly name: string;
  /** Its media type. */
  readonly type: string;
  /** Changes whenever its text does. */
  readonly hash: string;
  /** Its text. */
  readonly body: string;
}
