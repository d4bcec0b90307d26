/** What the rules must know of the person and of who supervises, and no more; and what else a person may supply. */
import { CivilZone, DAY_MS } from '../rules/civil-time.js';
import type { Draft } from './hmpps-draft.js';
import { addressesOf, exampleDevices } from './hmpps-examples.js';
import type { Source } from './hmpps-source.js';
import { timeJson } from './order-timetable.js';

export function mapPerson(order: Source, draft: Draft): void {
  const kinds = Object.values(draft.conditions).map(({ kind }) => kind);
  draft.order.curfew_only = kinds.length > 0 && kinds.every((kind) => kind === 'curfew');
  mapUnder18(order, draft);
  mapHdc(order, draft);
}

/** Age at the order's start, by date of birth; the date itself is not kept. */
function mapUnder18(order: Source, draft: Draft): void {
  const wearer = order.get('deviceWearer');
  const birthday = draft.day(wearer.get('dateOfBirth'));
  const adult = wearer.get('adultAtTimeOfInstallation').flag();
  if (birthday !== null && draft.startMs !== null) {
    const born = new Date(birthday * DAY_MS);
    // born on 29 February, one is 18 on 1 March of a common year
    const adultFromDay = Date.UTC(born.getUTCFullYear() + 18, born.getUTCMonth(), born.getUTCDate()) / DAY_MS;
    const under18 = CivilZone.named('Europe/London').dayAt(draft.startMs) < adultFromDay;
    draft.order.under_18 = under18;
    draft.note(wearer.get('dateOfBirth'), 'was compared with the start of the order, for under_18, and is not kept');
    if (adult === under18) draft.note(wearer.get('adultAtTimeOfInstallation'), 'does not agree with the date of birth');
  } else if (adult !== null) draft.order.under_18 = !adult;
  else draft.need('under_18', 'is the person under 18?', 'the source does not say', false);
}

/** Home detention curfew is a kind of release: of other orders it is not asked. */
function mapHdc(order: Source, draft: Draft): void {
  const conditions = order.get('monitoringConditions');
  const said = conditions.get('hdc').text();
  const hints = ['orderTypeDescription', 'pilot', 'sentenceType'].map((name) => conditions.get(name).text() ?? '');
  const hinted = hints.some((hint) => /(?:^|_)HDC$|HOME_DETENTION_CURFEW|^SECTION_91$/.test(hint));
  if (said === 'YES' || said === 'NO') draft.order.hdc = said === 'YES';
  else if (hinted) draft.order.hdc = true;
  else if (draft.order.type !== 'POST_RELEASE') draft.order.hdc = false;
  else draft.need('hdc', 'is it a home detention curfew?', 'the source does not know', true);
}

/** Who supervises and what is worn cannot be mapped; the numbers of local policy have defaults. */
export function offerRest(order: Source, draft: Draft): void {
  const parties = order.get('interestedParties');
  const names = [parties.get('responsibleOrganisation').text(), parties.get('responsibleOrganisationRegion').text()];
  // only codes: a free text could be a person's name
  const code = names.filter((name) => name !== null && /^[A-Z_]+$/.test(name)).join('-');
  draft.need(
    'supervisor',
    'the id of the supervising agency, whose officers see the alerts',
    'the source gives names, regions and telephone numbers, not an id of this centre',
    (code === '' ? 'probation-north' : code.toLowerCase().replaceAll('_', '-')).slice(0, 64),
  );
  const addresses = addressesOf(Object.values(draft.conditions));
  if (addresses.length > 0) draft.order.addresses = Object.fromEntries(addresses.map((name) => [name, {}]));
  draft.need(
    'devices',
    'every device, with its kind, from when and (a home unit) at which address',
    'the source is written before anything is fitted',
    exampleDevices(Object.values(draft.conditions), timeJson(draft.startMs ?? Date.UTC(2026, 2, 1))),
  );
  draft.offer(
    'restricted',
    'true: nothing of it leaves through a broker unsealed',
    'the source has no such mark',
    true,
  );
  if (draft.conditions.curfew !== undefined) {
    draft.offer('atv_allowance_min', 'minutes of accumulated violation that are allowed', 'the source has none', 120);
    draft.offer('minor_max_min', 'a curfew violation up to this is minor', 'the source has none', 15);
  }
  for (const name of addresses) {
    const why = 'the source has a street address, which is not kept; it is for telling RF from GPS errors alone';
    draft.offer(`addresses.${name}.position`, 'where it is, [longitude, latitude]', why, [0.5, 54.5]);
  }
}
