/** Subject access (¶31): everything that is held on one person, in their hands. */
import type { Person } from '../../domain/grant.js';
import type { SubjectId } from '../../domain/ids.js';
import type { Order } from '../../domain/order.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

/** In this order. */
export const EXPORT_SECTIONS = {
  about: 'About this document',
  orders: 'The orders and licences that you are monitored under',
  alerts: 'Alerts and violations',
  positions: 'Positions that were recorded',
  records: 'Other records of your devices',
  documents: 'What was decided, shared and asked for',
  readers: 'Who looked at what is held about you',
  left_out: 'What is left out, and why',
} as const;
export type ExportSection = keyof typeof EXPORT_SECTIONS;

export interface ExportItem {
  readonly section: ExportSection;
  readonly order_id: string | null;
  /** JSON. */
  readonly item: Readonly<Record<string, unknown>>;
}

export interface ExportBody {
  readonly exportId: string;
  readonly purpose: string;
  readonly toMs: number;
}
export type ExportDocument = RegisterDocument<ExportBody>;

export interface SubjectExport {
  readonly exportId: string;
  /** Read as it is written out: years of positions are never in memory at once. */
  readonly items: AsyncIterable<ExportItem>;
}

export interface Exports {
  /** That it was made is recorded in each order's register and log before anything of it can be read. */
  make(by: Person, purpose: string, subjectId: SubjectId, orders: readonly Order[]): Duty<SubjectExport>;
  /** A self-contained page, to be printed; every text in it escaped. */
  html(items: AsyncIterable<ExportItem>): AsyncIterable<string>;
}
