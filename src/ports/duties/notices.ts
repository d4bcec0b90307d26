/** The fair processing notice that a person gets at induction (¶21). */
import type { Order } from '../../domain/order.js';

export interface NoticeSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export interface Notice {
  readonly orderId: string;
  readonly revision: number;
  readonly sections: readonly NoticeSection[];
  /** The same as plain text and as a page that needs nothing else. */
  readonly text: string;
  readonly html: string;
}

export interface Notices {
  of(order: Order): Notice;
}
