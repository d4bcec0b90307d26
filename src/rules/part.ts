/** The parts of the rules that are judged each by itself, and their names in the state. */
import type { DeviceId } from '../domain/ids.js';

/**
 * What is judged by itself: the home (presence and curfews), the fixes (zones), home and fixes compared, the readings of
 * alcohol, each device, and all at an edition's start.
 */
export type Part = 'home' | 'fixes' | 'contradiction' | 'alcohol' | '*' | `+${DeviceId}`;
export const WHOLE = '*';
/** `+` is outside the grammar of ids. */
export const partOfDevice = (deviceId: DeviceId): Part => `+${deviceId}`;
