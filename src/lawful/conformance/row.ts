/** A row of the conformance table: a promise of the Code of Practice, and what keeps it. */

export interface NamedTest {
  /** From the root of the repository. */
  readonly file: string;
  /** As it stands there, or as it reads when the test runs. */
  readonly name: string;
}

interface Promised {
  /** One word or a few, for the command line. */
  readonly id: string;
  /** Of the Code, as `22–24, 27`, and of the Act, as `DPA 2018 s.62`. */
  readonly paragraphs: string;
  readonly promise: string;
}

/** Kept by the gateway: with its mechanism switched off, every test that is named fails. */
export interface KeptBySoftware extends Promised {
  readonly kind: 'software';
  readonly mechanism: string;
  /** What it rests on that no test of ours can see. */
  readonly besides?: string;
  readonly tests: readonly [NamedTest, ...NamedTest[]];
}

/** For people to keep: said so that nobody believes that the gateway does. */
export interface KeptByPeople extends Promised {
  readonly kind: 'not software';
  readonly reason: string;
}

export type Conformance = KeptBySoftware | KeptByPeople;
