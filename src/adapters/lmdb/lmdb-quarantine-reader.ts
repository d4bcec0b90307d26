/** The quarantine as the review service reads it: it alone has the key that opens a payload. */
import type { KeyOpener } from '../../crypto/key-jwe.js';
import { openForReader } from '../../crypto/one-reader.js';
import type { Quarantined, QuarantineReader } from '../../ports/quarantine.js';
import type { Seals } from '../../ports/seals.js';
import { Environment } from './environment.js';
import { KEY_ID_BYTES, PAYLOADS, QuarantineLabels } from './quarantine-labels.js';

const TIME_BYTES = 8;

export class LmdbQuarantineReader extends QuarantineLabels implements QuarantineReader {
  private constructor(
    env: Environment,
    shared: Seals,
    private readonly opener: KeyOpener,
  ) {
    super(env, shared);
  }

  /** Beside the gateway that writes it. Throws while nothing was ever stored there. */
  static open(folder: string, tier: { readonly shared: Seals; readonly opener: KeyOpener }): LmdbQuarantineReader {
    return new LmdbQuarantineReader(Environment.openReadOnly(folder), tier.shared, tier.opener);
  }

  async open(position: number): Promise<Quarantined | null> {
    this.env.refresh();
    const label = this.labels.get(position);
    const row = this.payloads.get(position);
    const key = row === undefined ? undefined : this.keys.get(row.toString('hex', 0, KEY_ID_BYTES));
    if (label === undefined || row === undefined || key === undefined) return null;
    const { byteLength: _, ...rest } = this.openLabel(position, label);
    const jwe = key.toString('latin1', TIME_BYTES);
    const place = { store: PAYLOADS, name: String(position) };
    return { ...rest, bytes: await openForReader(this.opener, jwe, place, row.subarray(KEY_ID_BYTES)) };
  }
}
