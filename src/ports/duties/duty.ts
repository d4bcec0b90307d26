/** What all duties have in common: how a refusal reads. The API asks, and logs that it does; the lawful room answers. */
import type { Result } from '../../domain/result.js';

export const REFUSAL_CODES = [
  'not_found',
  'conflict',
  /** A hold stands (¶44, ¶50). */
  'held',
  /** The order runs: what is kept is what the court ordered to be kept. */
  'order_in_force',
  /** ¶59: not minor, or not the contractor's to handle. */
  'not_minor',
  'invalid',
  /** A grant is needed, or does not cover what is asked. */
  'grant_needed',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface DutyRefusal {
  readonly code: RefusalCode;
  /** For the officer who asked: why, and what to do. Never logged. */
  readonly detail: string;
  /** What the person concerned is to be told, their rights included (¶45); null: nobody was refused anything. */
  readonly toThePerson: string | null;
}

export type Duty<T> = Promise<Result<T, DutyRefusal>>;

/** ¶45: whoever is refused hears where they can turn. */
export const RIGHTS =
  'You may complain to the Information Commissioner (Wycliffe House, Water Lane, Wilmslow, Cheshire SK9 5AF; 0303 123 1113; ico.org.uk), and you may apply to a court (Data Protection Act 2018, sections 165 to 167).';
