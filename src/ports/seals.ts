/** Everything that is kept goes through here: what lies in a store cannot be read, moved or renamed unseen. */

export interface Seals {
  /**
   * Seals `plain` for one place. `store` and `name` say where it lies and are bound to it as additional data, so that
   * bytes moved to another record or store do not open.
   */
  seal(store: string, name: string, plain: Uint8Array): Buffer;
  /** Opens what `seal` made for the same place. Throws `SealBroken` (crypto/seals) for anything else. */
  open(store: string, name: string, sealed: Uint8Array): Buffer;
  /** A name for an id that tells nothing of it (HMAC-SHA256, 16 bytes, hex): for keys of stores that others can list. */
  pseudonym(id: string): string;
}
