/** A credential of a customer's own, where the operator keeps it, and an identity that may do what we print. */
export interface HandedOver {
  /** As `smsk credential register` takes it. */
  readonly identity: string;
  readonly locator: string;
  /** What `smsk connection set` needs beside key and reference. */
  readonly options: readonly string[];
  /** What would be found wherever the credential had got out. */
  readonly secrets: readonly string[];
}

/** Of every reference in these tests: each organization's own. */
export const NAME = 'handed-over';
