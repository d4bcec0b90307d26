/** Warning letters and authorised absences of home detention curfew and curfew-only orders (¶59, ¶62). */
import type { AlertVersion } from '../../domain/alert.js';
import type { Person } from '../../domain/grant.js';
import type { Order } from '../../domain/order.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

export type WarningRequest =
  | { readonly kind: 'warning_letter'; readonly text: string; readonly sentMs: number }
  | {
      readonly kind: 'authorised_absence';
      /** The term of the licence or order that permits it. */
      readonly basis: string;
      readonly reason: string;
      readonly fromMs: number;
      readonly toMs: number;
    };

/** `alertId`: what was warned about, or what the absence explains; an absence agreed beforehand has none. */
export type WarningBody = WarningRequest & { readonly alertId: string | null };
export type WarningDocument = RegisterDocument<WarningBody>;

export interface Warnings {
  /** Refused where the breach is not minor, or is another's to handle. */
  write(by: Person, order: Order, alert: AlertVersion | null, request: WarningRequest): Duty<WarningDocument>;
  get(id: string): WarningDocument | null;
  list(order: Order): WarningDocument[];
}
