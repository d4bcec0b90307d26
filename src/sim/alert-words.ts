/** What alerts are called in plain words, for people who watch them come in. */
import type { AlertCode, AlertType, ViolationType } from '../domain/alert.js';

const ofCodes: Readonly<Record<AlertCode, string>> = {
  AL04: 'home unit without mains',
  AL05: 'home unit moved',
  AL08: 'out past curfew commencement',
  AL09: 'returned late',
  AL10: 'left home during curfew',
  AL11: 'out at end of curfew',
  AL12: 'out for entire curfew',
  AL21: 'battery low',
  AL23: 'battery dead',
  AL24: 'device fault',
};

const ofTypes: Partial<Readonly<Record<AlertType | ViolationType, string>>> = {
  exclusion: 'inside an exclusion zone',
  inclusion: 'outside an inclusion zone',
  'zone.approach': 'close to an exclusion zone',
  'zone.crossing_inferred': 'has probably crossed an exclusion zone',
  'tamper.strap': 'strap tampered with',
  'tamper.case': 'tag case opened',
  'tamper.unit_case': 'home unit opened',
  'tamper.shielding': 'tag shielded',
  'tamper.jamming': 'signal jammed',
  'battery.critical': 'battery critical',
  'device.silent': 'device silent',
  'device.no_fix': 'moves without a position',
  'curfew.unverified': 'curfew cannot be verified',
  'curfew.atv_exceeded': 'violation time used up',
  'integrity.contradiction': 'RF and position contradict',
  attendance: 'appointment not kept',
  'attendance.missed': 'appointment missed',
  'attendance.unverified': 'appointment cannot be verified',
  'alcohol.suspected': 'alcohol suspected',
  'alcohol.tamper': 'alcohol sensor covered or removed',
};

/** The words for a code, or for a type that has none. */
export function alertWords(type: string, code: string | null): string {
  const own = ofTypes[type as AlertType];
  if (own !== undefined) return own;
  return (code === null ? undefined : ofCodes[code as AlertCode]) ?? type;
}
