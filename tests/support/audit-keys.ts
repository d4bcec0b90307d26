/** Keys of an audit log's tests: orders 1 to 9 have keys, until they are destroyed. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { MemoryReviewKeys } from './review-keys.js';
import { orderId } from './samples.js';

export async function auditTestKeys(): Promise<MemoryReviewKeys> {
  const keys = new MemoryReviewKeys();
  for (let n = 1; n <= 9; n++) await keys.make(orderId(n));
  return keys;
}

export const newSigningKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
