/** The words that a compact record need not spell. Their places are stored: never reorder, never take one out. */

const WORDS: readonly string[] = [
  ...['', '*', 'home', 'fixes', 'contradiction', 'alcohol', '1', '2', '3'],
  ...['present', 'absent', 'unknown', 'in', 'out', 'INITIAL', 'ZONE_EDITED', 'ORDER_REVISED', 'ORDER_ENDED'],
  ...['UNSPECIFIED', 'GNSS', 'RF', 'LBS', 'WIFI', 'certain', 'probable', 'return', 'window', 'gap'],
  ...['open', 'amend', 'close', 'withdraw', 'alert', 'violation'],
  ...['record', 'timer', 'gateway', 'gateway_outage', 'order_revised', 'late_data', 'decision'],
  ...['AL04', 'AL05', 'AL08', 'AL09', 'AL10', 'AL11', 'AL12', 'AL21', 'AL23', 'AL24'],
  ...['curfew', 'exclusion', 'inclusion', 'attendance'],
  ...['tamper.strap', 'tamper.case', 'tamper.unit_case', 'tamper.shielding', 'tamper.jamming'],
  ...['unit.power_off', 'unit.moved', 'battery.low', 'battery.critical', 'battery.dead'],
  ...['device.silent', 'device.no_fix', 'device.fault', 'curfew.unverified', 'curfew.atv_exceeded'],
  ...['zone.approach', 'zone.crossing_inferred', 'attendance.missed', 'attendance.unverified'],
  ...['alcohol.suspected', 'alcohol.tamper', 'integrity.contradiction'],
  ...['integrity.replayed', 'integrity.bad_seal', 'integrity.sequence_gap', 'integrity.clock_ahead'],
  ...['integrity.beyond_horizon', 'integrity.unassigned_record', 'integrity.location_jump'],
  ...['integrity.double_session', 'integrity.malformed', 'integrity.unknown_key'],
];

/** Below are null and the forms of text. */
const FIRST_WORD = 4;
/** What has one byte after the words, and a few of two bytes: texts of the record itself. */
export const FIRST_OWN = 96;
export const TEXTS_OWN = 64;

if (FIRST_WORD + WORDS.length > FIRST_OWN) throw new Error('there are more words than codes for them');

export const WORD_CODES: ReadonlyMap<string, number> = new Map(WORDS.map((word, i) => [word, FIRST_WORD + i]));
/** Undefined: there is no such word. */
export const wordOf = (code: number): string | undefined => WORDS[code - FIRST_WORD];
