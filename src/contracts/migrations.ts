/**
 * The schema of a store that keeps one, such as the tables of a database.
 *
 * @module
 */

/** Whether the schema of a store is up to date, and what it lacks. */
export interface SchemaStatus {
  /** Its name. */
  readonly schema: string;
  /** The version that is there; 0 when nothing is. */
  readonly version: number;
  /** The version that this Lovage works with. */
  readonly needed: number;
  /** What leads from the one to the other, in order; empty when up to date. */
  readonly pending: readonly string[];
}

/** What a migration has done. */
export interface MigrationReport {
  /** The name of the schema. */
  readonly schema: string;
  /** The version before; 0 when nothing was there. */
  readonly from: number;
  /** The version now. */
  readonly to: number;
  /** What was done, in order; empty when it was up to date. */
  readonly done: readonly string[];
}

/** Brings a schema up to date. Both calls may come before the store is open. */
export interface Migrations {
  /**
   * How far the schema is; changes nothing.
   *
   * @throws {StoreError} when a newer Lovage has migrated it
   */
  status(): Promise<SchemaStatus>;
  /**
   * Brings it up to date. Several processes may do so at once: one does it,
   * the others wait and find nothing left to do.
   *
   * @throws {StoreError} that says what is in the way
   */
  migrate(): Promise<MigrationReport>;
}
