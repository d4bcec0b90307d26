/**
 * The lawful reasons for looking at what is stored about a person (¶17–19, ¶22–31): for each, who may ask, who must
 * approve, what for, how far it reaches and how long it lasts. Data; the decisions that read it are in grant-decisions.
 */
import type { Trigger } from '../domain/grant.js';
import type { Purpose } from '../domain/purpose.js';
import type { Role, Scope } from '../domain/role.js';

/** Role → of which agencies' orders. */
export type Reach = Partial<Record<Role, Scope>>;

export interface TriggerRule {
  readonly request: Reach;
  /** Another person; null: it opens without. */
  readonly approve: Reach | null;
  /** It opens at once, and another person looks at it within so many hours. */
  readonly reviewWithinH: number | null;
  readonly purposes: readonly Purpose[];
  readonly needs: readonly ('alert_id' | 'case_reference')[];
  /** The longest window, hours; null: as long as the order. */
  readonly windowHMax: number | null;
  /** How far the window may reach beyond the request, hours: to find somebody, not to watch them. */
  readonly aheadHMax: number;
  /** How long it can be read under, hours from its opening. */
  readonly lastsHMax: number;
  readonly fixes: boolean;
  readonly records: 'all' | 'equipment' | 'none';
  /** ¶19: whether readings outside curfew hours and foreign sightings can be asked for. */
  readonly beyondCurfew: boolean;
  /** Whether other people's home units that saw the tag are named; to the person themselves they are not (¶31). */
  readonly namesOthers: boolean;
}

const DAY = 24;
/** How much of the time around an alert belongs to it. */
export const ALERT_MARGIN_MS = 30 * 60_000;

export const GRANT_POLICY: Readonly<Record<Trigger, TriggerRule>> = {
  /** ¶17: "following a breach of the requirement/condition"; the window is the alert ± 30 minutes. */
  standing_alert: {
    request: { monitoring_officer: 'all', supervising_officer: 'own', police_liaison: 'own' },
    approve: { monitoring_officer: 'all', supervising_officer: 'own', data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['compliance_monitoring', 'location_monitoring', 'safeguarding'],
    needs: ['alert_id'],
    windowHMax: null,
    aheadHMax: 0,
    lastsHMax: 7 * DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: false,
    namesOthers: false,
  },
  /** ¶18: the agency that supervises may evaluate all of it; nobody asks, the condition itself is the grant. */
  trail: {
    request: {},
    approve: null,
    reviewWithinH: null,
    purposes: ['location_monitoring', 'compliance_monitoring', 'safeguarding'],
    needs: [],
    windowHMax: null,
    aheadHMax: 0,
    lastsHMax: 0,
    fixes: true,
    records: 'none',
    beyondCurfew: false,
    namesOthers: false,
  },
  /** Nobody can reach them and their equipment is silent: where were they last? */
  contact_lost: {
    request: { monitoring_officer: 'all', supervising_officer: 'own', police_liaison: 'own' },
    approve: { monitoring_officer: 'all', supervising_officer: 'own', data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['compliance_monitoring', 'location_monitoring', 'safeguarding'],
    needs: [],
    windowHMax: 3 * DAY,
    aheadHMax: DAY,
    lastsHMax: DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: false,
    namesOthers: false,
  },
  /** ¶26: investigation, prevention and detection of crime; the enquiry's reference goes on the grant. */
  police_request: {
    request: { monitoring_officer: 'all', police_liaison: 'all' },
    approve: { monitoring_officer: 'all', data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['criminal_justice_enquiry', 'safeguarding'],
    needs: ['case_reference'],
    windowHMax: 31 * DAY,
    aheadHMax: 0,
    lastsHMax: 7 * DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: true,
    namesOthers: true,
  },
  /** ¶26: "to locate an individual for the purposes of safeguarding life": at once, the last minutes included. */
  safeguarding_life: {
    request: { monitoring_officer: 'all', supervising_officer: 'own', police_liaison: 'all' },
    approve: { monitoring_officer: 'all', supervising_officer: 'own', data_controller: 'all' },
    reviewWithinH: DAY,
    purposes: ['safeguarding'],
    needs: [],
    windowHMax: 7 * DAY,
    aheadHMax: DAY,
    lastsHMax: DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: true,
    namesOthers: true,
  },
  /** ¶29: a court directs it. */
  court_direction: {
    request: { monitoring_officer: 'all', supervising_officer: 'own', data_controller: 'all' },
    approve: { data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['court_direction'],
    needs: ['case_reference'],
    windowHMax: null,
    aheadHMax: 0,
    lastsHMax: 31 * DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: true,
    namesOthers: true,
  },
  /** ¶31: the person asks what is held on them. */
  subject_access: {
    request: { data_controller: 'all' },
    approve: { data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['subject_access'],
    needs: ['case_reference'],
    windowHMax: null,
    aheadHMax: 0,
    lastsHMax: 31 * DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: true,
    namesOthers: false,
  },
  /** ¶26: the cause of damage to equipment; what devices say of themselves, and no position. */
  equipment_forensics: {
    request: { monitoring_officer: 'all', device_engineer: 'all' },
    approve: { monitoring_officer: 'all', data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['equipment', 'contract_performance'],
    needs: ['case_reference'],
    windowHMax: 31 * DAY,
    aheadHMax: 0,
    lastsHMax: 31 * DAY,
    fixes: false,
    records: 'equipment',
    beyondCurfew: false,
    namesOthers: false,
  },
  /** ¶44, ¶50: what a hold keeps is looked at by those for whom it is kept. */
  legal_hold_review: {
    request: { monitoring_officer: 'all', data_controller: 'all' },
    approve: { data_controller: 'all' },
    reviewWithinH: null,
    purposes: ['criminal_justice_enquiry', 'court_direction', 'oversight'],
    needs: ['case_reference'],
    windowHMax: null,
    aheadHMax: 0,
    lastsHMax: 31 * DAY,
    fixes: true,
    records: 'all',
    beyondCurfew: true,
    namesOthers: true,
  },
};
