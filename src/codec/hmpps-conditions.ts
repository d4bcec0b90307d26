/** Zones, trail and alcohol of an HMPPS order. */

import type { Draft, Json } from './hmpps-draft.js';
import { ALCOHOL_LIMIT_EXAMPLES, EXAMPLE_ZONE } from './hmpps-examples.js';
import type { Source } from './hmpps-source.js';

const ZONE_KINDS: Readonly<Record<string, string>> = { EXCLUSION: 'exclusion_zone', INCLUSION: 'inclusion_zone' };

/** A zone arrives as prose and a picture: its dates and its type are what can be mapped. */
export function mapZones(order: Source, draft: Draft): void {
  const sources = order.get('enforcementZoneConditions').items();
  if (sources.length === 0) {
    draft.need('conditions.zone-1', 'a zone condition, or null for none', 'the source asks for a zone and has none', {
      kind: 'exclusion_zone',
      zone: EXAMPLE_ZONE,
    });
  }
  for (const [i, source] of sources.entries()) mapZone(source, `zone-${i + 1}`, draft);
}

function mapZone(source: Source, id: string, draft: Draft): void {
  const path = `conditions.${id}`;
  const type = source.get('zoneType').text() ?? '';
  const kind = Object.hasOwn(ZONE_KINDS, type) ? ZONE_KINDS[type] : undefined;
  if (kind === undefined) {
    const why = `${source.path}.zoneType is neither EXCLUSION nor INCLUSION`;
    draft.need(`${path}.kind`, 'exclusion_zone or inclusion_zone', why, 'exclusion_zone');
  }
  draft.need(
    `${path}.zone`,
    'the geometry of the zone (GeoJSON Polygon or MultiPolygon, or a Circle), or zone_ref, the id of a shared zone',
    `it comes as prose and a picture (${source.path}.description, .fileName): a person must draw it`,
    EXAMPLE_ZONE,
    [`${path}.zone_ref`],
  );
  if (source.get('duration').value !== null && source.get('duration').value !== '') {
    draft.need(
      `${path}.timetable`,
      'the rows of its times, or null: always active',
      `they come as prose (${source.path}.duration)`,
      null,
      [`${path}.dated`],
    );
  }
  const absences = draft.absencesOutside([draft.period(source)], 'outside the dates of the zone');
  draft.conditions[id] = {
    ...(kind === undefined ? {} : { kind }),
    ...(absences.length === 0 ? {} : { authorised_absences: absences }),
  };
}

/** A trail makes positions readable: one that is shorter than the order is not stretched to it without a person's word. */
export function mapTrail(order: Source, draft: Draft): void {
  const source = order.get('monitoringConditionsTrail');
  if (source.get('deviceType').text() === 'NON_FITTED')
    draft.note(source.get('deviceType'), 'a device that is not fitted');
  if (source.isObject && draft.isWhole(draft.period(source))) draft.conditions.trail = { kind: 'trail' };
  else needWhole(draft, 'trail', source, { kind: 'trail' });
}

export function mapAlcohol(order: Source, draft: Draft): void {
  const source = order.get('monitoringConditionsAlcohol');
  const type = source.get('monitoringType').text();
  const kind = (['alcohol_abstinence', 'alcohol_level'] as const).find((known) => known.toUpperCase() === type);
  const example = {
    kind: kind ?? 'alcohol_abstinence',
    threshold_ug_l: ALCOHOL_LIMIT_EXAMPLES[kind ?? 'alcohol_abstinence'],
  };
  if (!source.isObject || !draft.isWhole(draft.period(source))) {
    needWhole(draft, 'alcohol', source, example);
    return;
  }
  draft.conditions.alcohol = kind === undefined ? {} : { kind };
  if (kind === undefined) {
    const why = `${source.path}.monitoringType is neither ALCOHOL_ABSTINENCE nor ALCOHOL_LEVEL`;
    draft.need('conditions.alcohol.kind', 'alcohol_abstinence or alcohol_level', why, example.kind);
  }
  draft.need(
    'conditions.alcohol.threshold_ug_l',
    'the limit, transdermal alcohol in µg/l',
    'the source names no limit: it is prescribed for the requirement and the device',
    example.threshold_ug_l,
  );
}

function needWhole(draft: Draft, id: string, source: Source, example: Json): void {
  draft.need(
    `conditions.${id}`,
    'the condition for as long as the order lasts, or null for none (an order of its own can have its dates)',
    source.isObject
      ? `its dates (${source.path}) are not the order's, and this condition has no dates here`
      : `the source asks for it and does not say from when to when (${source.path})`,
    example,
  );
}
