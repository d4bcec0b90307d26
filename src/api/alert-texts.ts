/** An alert's CloudEvent, and its JSON text, made once for all who are told: every stream, and every topic. */
import { encodeAlertCursor } from '../codec/alert-cursor.js';
import { type CloudEvent, cloudEvent } from '../codec/alert-json.js';
import type { PlacedVersion } from '../ports/ledger.js';

export interface AlertText {
  readonly cursor: string;
  readonly event: CloudEvent;
  /** JSON has no raw line break. */
  readonly text: string;
}

/** As long as the ledger holds the version in memory, and no longer. */
const known = new WeakMap<PlacedVersion, AlertText & { readonly ledgerId: string }>();

/** Of an alert version of the ledger of that id. */
export function alertText(placed: PlacedVersion, ledgerId: string, source: string): AlertText {
  const before = known.get(placed);
  if (before?.ledgerId === ledgerId && before.event.source === source) return before;
  const cursor = encodeAlertCursor(ledgerId, placed.place);
  const event = cloudEvent({ version: placed.version, cursor, source });
  const made = { ledgerId, cursor, event, text: JSON.stringify(event) };
  known.set(placed, made);
  return made;
}
